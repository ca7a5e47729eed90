import EventLoop
import Faults
import HTTPWire
import Records

// How a session with a backend goes on: whatever may leave is written, in order, and neither side
// outruns the other.
extension RelaySession {
    /// Brings the session up to date after anything has happened.
    func settleAll() {
        guard phase < .over else { return }
        if lifetime?.isKeptOut == true, phase < .ended { return schedule() }
        repeat {
            answerRisen()
            sendUp()
            endHalfOpen()
            flush()
        } while readKeptRequests()
        noteFinished()
        endDrained()
        updateRelay()
        updateReading()
        account()
        if phase < .ended || handsOver {
            schedule()
        } else if clientSide.contains(.closed) {
            closeFar()  // a client that is gone leaves no backend behind
        }
    }

    /// What has had our FIN to the client ends, if nothing can reach the backend any more either.
    private func endHalfOpen() {
        guard clientSide.contains(.finished), phase < .ended else { return }
        if backendSide.isSuperset(of: [.reset, .closed]) { return endClient() }
        if let cut = first?.upCut { return end(isReset: cut == .rst) { cutNow(cut) } }
        if first?.isUpStuck == true, clientSide.contains(.ended) { endClient() }
    }

    /// Writes to the backend what may leave, in the order of the requests.
    private func sendUp() {
        guard let far = far?.open, !backendSide.contains(.finished), !isEnded else { return }
        var exchange = first
        while let sending = exchange {
            if sending.isTunnel || !sending.progress.contains(.requestSent) {
                for bytes in sending.takeUp() { writeUp(bytes, of: sending, to: far) }
                // The answers before it leave first.
                if sending.upCut != nil { return handsOver ? finishFar() : () }
                if sending.progress.contains(.upEnded) { return finishFar() }
                guard sending.progress.contains(.requestRisen), !sending.isTunnel else { return }
                sending.progress.insert(.requestSent)
            }
            exchange = sending.next
        }
        guard clientSide.contains(.ended), messages?.keptUp.isEmpty ?? true else { return }
        if connectionFaults?.toBackend.isHeld(at: now) == true { return }
        finishFar()
    }

    private var isEnded: Bool { phase >= .ended && !handsOver }

    private func writeUp(_ bytes: Bytes, of exchange: Exchange, to far: Stream) {
        guard !exchange.progress.contains(.own) else { return }
        exchange.progress.insert(.asked)
        proxy.counters.sentUpstream += UInt64(bytes.count)
        far.write(bytes)
    }

    /// Nothing is owed to the client any more: ends what has no reason to go on.
    func endUnowed() {
        let hasMessages = messages != nil
        if hasMessages, mayStayOpen { return backendSide.contains(.ended) ? forgetBackend() : () }
        if backendSide.contains(.ended) {
            if hasMessages || isResetOwed { endClient() } else { finishClient() }
        } else if hasMessages, !standing.contains(.queued) {
            let isClientsEnd = clientSide.contains(.ended) && !keepsRequests && !isFinHeld
            if isClientsEnd || flags.contains(.draining) { endClient() }
        }
    }

    /// Whether a connection stays open that its backend has ended.
    private var mayStayOpen: Bool {
        guard staysOpen else { return false }
        return !clientSide.contains(.ended) && !flags.contains(.draining) && !isResetOwed
    }

    /// Whether `slow_close` holds back the client's FIN to the backend.
    private var isFinHeld: Bool {
        far != nil && connectionFaults?.toBackend.isHeld(at: now) ?? false
    }

    // MARK: Bytes without messages

    /// What the client sends, into the tunnel.
    func sendThrough(_ bytes: UnsafeRawBufferPointer) {
        flags.insert(.talkative)
        guard let current else {
            if let far = far?.open {
                proxy.counters.sentUpstream += UInt64(bytes.count)
                return far.write(bytes)
            }
            // The faults have none of it, but the backend is not there yet.
            beginTunnel([])
            return sendThrough(bytes)
        }
        if current.isClearUp, current === first, let far = far?.open {
            proxy.counters.sentUpstream += UInt64(bytes.count)
            return far.write(bytes)
        }
        current.receiveUp(.bytes(kept(bytes)), at: now)
    }

    /// What the backend sends, as a part of `exchange`.
    ///
    /// - Parameter content: where content lies in it; nil: everywhere, unless it is a head.
    func sendBack(
        _ bytes: UnsafeRawBufferPointer, isHead: Bool = false, content: [Range<Int>]? = nil,
        of exchange: Exchange?
    ) {
        guard bytes.count > 0 else { return }
        exchange?.noteReply(bytes.count)
        if exchange === first, exchange?.down.isClear ?? true {
            count(bytes.count, isHead: isHead, content: content, of: exchange)
            proxy.counters.sentDownstream += UInt64(bytes.count)
            return stream.write(bytes)
        }
        let copy = kept(bytes, content: content)
        exchange?.down.receive(.bytes(isHead ? copy.asHead : copy), at: now)
    }

    private func kept(
        _ bytes: UnsafeRawBufferPointer, content: [Range<Int>]? = nil
    ) -> Bytes {
        let copy = PooledBytes(copying: bytes, proxy.environment.buffers)
        return Bytes(ByteStorage(borrowing: copy.bytes, owner: copy, content: content))
    }

    private func count(
        _ count: Int, isHead: Bool, content: [Range<Int>]?, of exchange: Exchange?
    ) {
        guard let exchange else { return plainBytes += count }
        if isHead {
            exchange.facts.leftHead(count)
        } else {
            exchange.facts.left(count, content: content)
        }
    }

    // MARK: Flow control and time

    /// Lets the kernel move bytes that nobody has to look at.
    func updateRelay() {
        let isAlone = messages == nil || current?.isTunnel == true
        let mayRelay = isAlone && far?.open != nil && stream.isOpen && first?.next == nil
        let up = mayRelay && (first?.isClearUp ?? true) && !clientSide.contains(.ended)
        let down = mayRelay && (first?.down.isClear ?? true) && !backendSide.contains(.ended)
        if up != clientSide.contains(.relaying) {
            clientSide.formSymmetricDifference(.relaying)
            if stream.isOpen {
                if up { stream.resumeReading() }
                stream.relay(to: up ? far?.open : nil)
            }
        }
        if down != backendSide.contains(.relaying) {
            backendSide.formSymmetricDifference(.relaying)
            if down { far?.open?.resumeReading() }
            far?.open?.relay(to: down ? stream : nil)
        }
    }

    func updateReading() {
        let isCrowded =
            proxy.environment.held.isTooMuch
            && heldBytes > Self.highMark
        var (up, down) = (far?.open?.queuedBytes ?? 0, stream.queuedBytes)
        var (isUpFull, isDownFull) = (isCrowded, isCrowded)
        forEachExchange { exchange in
            up += exchange.waitingUp
            down += exchange.down.readyBytes
            if exchange.isUpFull { isUpFull = true }
            if exchange.down.isFull { isDownFull = true }
        }
        if !clientSide.contains(.relaying), stream.isOpen {
            up += messages?.keptUp.count ?? 0
            if isUpFull || up >= Self.highMark {
                flags.insert(.notRead)
                stream.pauseReading()
            } else {
                flags.remove(.notRead)
                stream.resumeReading()
            }
        }
        if !backendSide.contains(.relaying), let far = far?.open {
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
        proxy.environment.held.count += held - heldBytes
        heldBytes = held
    }
}
