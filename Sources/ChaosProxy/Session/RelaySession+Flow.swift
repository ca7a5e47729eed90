import Faults
import HTTPWire

// How a session with a backend goes on: whatever may leave is written, in order, and neither side
// outruns the other.
extension RelaySession {
    // MARK: Everything that may go, goes

    var now: Instant { proxy.environment.now() }

    /// Brings the session up to date after anything has happened.
    func settle() {
        guard !flags.contains(.clientClosed) else { return }
        repeat {
            answerRisen()
            sendUp()
            sendDown()
        } while readKeptRequests()
        endDrained()
        updateRelay()
        updateReading()
        account()
        schedule()
    }

    /// Writes to the backend what may leave, in the order of the requests.
    func sendUp() {
        guard let far = far?.open, !flags.contains(.farFinished) else { return }
        var exchange = first
        while let sending = exchange {
            if sending.isTunnel || !sending.progress.contains(.requestSent) {
                for bytes in sending.takeUp() { writeUp(bytes, to: far) }
                // The answers before it leave first.
                if let cut = sending.upCut {
                    if sending === first { end(cut) }
                    return
                }
                if sending.progress.contains(.upEnded) { return finishFar() }
                guard sending.progress.contains(.requestRisen), !sending.isTunnel else { return }
                sending.progress.insert(.requestSent)
                sending.facts?.passOn(at: now)
            }
            exchange = sending.next
        }
        guard flags.contains(.clientEnded), messages?.keptUp.isEmpty ?? true else { return }
        if connectionFaults?.toBackend.isHeld(at: now) == true { return }
        finishFar()
    }

    func writeUp(_ bytes: Bytes, to far: Stream) {
        proxy.counters.sentUpstream += UInt64(bytes.count)
        far.write(bytes)
    }

    /// Writes to the client what may leave, in the order of the requests.
    func sendDown() {
        // The end has come, and only its FIN waits.
        if connectionFaults?.toClient.due != nil { return endClient() }
        // The client has all that it gets, and the backend, which has reset the connection since
        // then, takes nothing any more.
        if flags.isSuperset(of: [.clientFinished, .farReset, .farClosed]) { return endClient() }
        while let sending = first, stream.isOpen, !flags.contains(.clientFinished) {
            write(sending)
            if let cut = sending.downCut ?? sending.upCut { return end(cut) }
            if sending.progress.contains(.downEnded) { return finishClient() }
            // Over when the kernel has taken it all: until then it can still be cut short.
            if sending.isOver, !sending.isTunnel, stream.queuedBytes > 0 { return }
            guard sending.isOver, !sending.isTunnel || sending.progress.contains(.closes) else {
                if isHopeless(sending) { endClient() }
                return
            }
            first = sending.next
            if current === sending { current = nil }
            let keeps = sending.progress.isDisjoint(with: [.closes, .last])
            finish(sending, keeps ? .keep : .fin)
            if sending.progress.contains(.closes) { return endClient() }
        }
        guard first == nil else { return }
        endUnowed()
    }

    /// Nothing is owed to the client any more: ends what has no reason to go on.
    private func endUnowed() {
        let hasMessages = messages != nil
        if flags.contains(.farEnded) {
            if hasMessages || flags.contains(.farReset) { endClient() } else { finishClient() }
        } else if hasMessages, !standing.contains(.queued) {
            let wasNeverAsked = flags.contains(.clientEnded) && far == nil
            if wasNeverAsked || flags.contains(.draining) { endClient() }
        }
    }

    /// Whether the reply cannot come any more, and all that came of it has left.
    func isHopeless(_ exchange: RelayExchange) -> Bool {
        // Who has ended will not wait for what never comes (as with Toxiproxy's timeout).
        if exchange.isStuck { return !flags.isDisjoint(with: [.clientEnded, .farEnded]) }
        guard exchange.down.heldBytes == 0, exchange.down.deadline == nil else { return false }
        let isAnswered = exchange.progress.contains(.replyReady)
        let isMissing = exchange.awaitsReply && !exchange.isTunnel
        return flags.contains(.farEnded) && (isMissing || isAnswered)
            || flags.contains(.refused) && exchange.awaitsReply
    }

    func write(_ exchange: RelayExchange) {
        for flow in exchange.takeDown() {
            switch flow {
            case .bytes(let bytes):
                sent(bytes.count, of: exchange)
                stream.write(bytes)
            case .prepared(let response):
                sent(response.count, of: exchange)
                stream.write(response, date: proxy.environment.date)
            case .boundary, .end, .cut: break
            }
        }
    }

    func sent(_ count: Int, of exchange: RelayExchange?) {
        if let facts = exchange?.facts, facts.left == nil, !facts.faults.isEmpty {
            facts.left = now
        }
        if let exchange { exchange.sentBytes += count } else { plainBytes += count }
        proxy.counters.sentDownstream += UInt64(count)
    }

    // MARK: Bytes without messages

    /// What the client sends, into the tunnel.
    func sendThrough(_ bytes: UnsafeRawBufferPointer) {
        guard let current else {
            if let far = far?.open {
                proxy.counters.sentUpstream += UInt64(bytes.count)
                return far.write(bytes)
            }
            // The faults have none of it, but the backend is not there yet.
            appendTunnel([], facts: messages == nil ? connectionFacts([]) : nil)
            first?.sentBytes = plainBytes
            return sendThrough(bytes)
        }
        if current.isClearUp, current === first, let far = far?.open {
            proxy.counters.sentUpstream += UInt64(bytes.count)
            return far.write(bytes)
        }
        current.receiveUp(.bytes(Bytes(copying: bytes)), at: now)
    }

    /// What the backend sends, as a part of `exchange`.
    func sendBack(_ bytes: UnsafeRawBufferPointer, of exchange: RelayExchange?) {
        exchange?.facts?.answer(at: now)
        if exchange === first, exchange?.isClearDown ?? true {
            sent(bytes.count, of: exchange)
            return stream.write(bytes)
        }
        exchange?.receiveDown(.bytes(Bytes(copying: bytes)), at: now)
    }

    // MARK: Flow control and time

    /// Lets the kernel move bytes that nobody has to look at.
    func updateRelay() {
        let isAlone = messages == nil || current?.isTunnel == true
        let mayRelay = isAlone && far?.open != nil && stream.isOpen && first?.next == nil
        let up = mayRelay && (first?.isClearUp ?? true) && !flags.contains(.clientEnded)
        let down = mayRelay && (first?.isClearDown ?? true) && !flags.contains(.farEnded)
        if up != flags.contains(.relayingUp) {
            flags.formSymmetricDifference(.relayingUp)
            if stream.isOpen {
                if up { stream.resumeReading() }
                stream.relay(to: up ? far?.open : nil)
            }
        }
        if down != flags.contains(.relayingDown) {
            flags.formSymmetricDifference(.relayingDown)
            if down { far?.open?.resumeReading() }
            far?.open?.relay(to: down ? stream : nil)
        }
    }

    func updateReading() {
        let isCrowded =
            proxy.environment.heldBytes > ProxyEnvironment.maximumHeld
            && heldBytes > Self.highMark
        var (up, down) = (far?.open?.queuedBytes ?? 0, stream.queuedBytes)
        var (isUpFull, isDownFull) = (isCrowded, isCrowded)
        forEachExchange { exchange in
            up += exchange.waitingUp
            down += exchange.readyBytes
            if exchange.up.isFull { isUpFull = true }
            if exchange.down.isFull { isDownFull = true }
        }
        if !flags.contains(.relayingUp), stream.isOpen {
            up += messages?.keptUp.count ?? 0
            if isUpFull || up >= Self.highMark {
                stream.pauseReading()
            } else {
                stream.resumeReading()
            }
        }
        if !flags.contains(.relayingDown), let far = far?.open {
            if isDownFull || down >= Self.highMark {
                far.pauseReading()
            } else {
                far.resumeReading()
            }
        }
    }

    func account() {
        var held = 0
        forEachExchange { held += $0.heldBytes }
        proxy.environment.heldBytes += held - heldBytes
        heldBytes = held
    }

    func schedule() {
        var deadline = connectionFaults?.deadline(after: now)?.nanoseconds ?? .max
        forEachExchange { deadline = min(deadline, $0.deadline?.nanoseconds ?? .max) }
        if deadline < .max { stream.wake(at: deadline) }
    }

    func forEachExchange(_ body: (RelayExchange) -> Void) {
        var exchange = first
        while let each = exchange {
            body(each)
            exchange = each.next
        }
    }

    func append(_ exchange: RelayExchange) {
        guard var last = first else { return first = exchange }
        while let next = last.next { last = next }
        last.next = exchange
    }
}
