import EventLoop
import Faults
import HTTPWire
import Records

// The writing half of a session: answers leave in the order of their requests.
extension ClientSession {
    /// Writes what may leave, in the order of the requests, and ends what is over.
    func flush() {
        if phase == .ending { return endClient() }
        while phase < .ended, let sending = first, stream.isOpen,
            !clientSide.contains(.finished)
        {
            write(sending)
            if let script = sending.script { play(script, of: sending) } else { pump(sending) }
            guard stream.isOpen else { return }
            if let cut = sending.cut { return end(sending, cut) }
            if sending.down.hasEnded {
                if sending.isTunnel { return finishClient() }
                halfClose(sending)
            }
            if isAnsweredEarly(sending) { finish(sending, .keep) }
            guard sending.isOver, !sending.isTunnel || sending.closes else {
                if isHopeless(sending) { endClient() }
                return
            }
            // Over when the kernel has taken it all: until then it can still be cut short.
            guard stream.queuedBytes == 0, stream.isOpen else { return }
            if sending.next == nil, isLastOne { return endAcknowledged() }
            if sending.closes { return endClient(isComplete: true) }
            remove(sending)
            finish(sending, .keep)
        }
        guard first == nil, phase < .ended else { return }
        if lifetime != nil, hasIdledTooLong() { return }
        becameIdle()
    }

    /// Whether the client has its whole answer, and still sends what was asked.
    private func isAnsweredEarly(_ exchange: Exchange) -> Bool {
        exchange.progress.contains(.replyRead)
            && exchange.progress.isDisjoint(with: [.requestSent, .tunnel, .closes])
            && exchange.down.isComplete && exchange.down.isEmpty && stream.queuedBytes == 0
    }

    /// Whether the client has ended and gets nothing more than this.
    private var isLastOne: Bool {
        clientSide.contains(.ended) && !flags.contains(.paused) && !keepsRequests
            && !standing.contains(.queued) && connectionFaults == nil
    }

    /// The client may be gone, and then the kernel took what nobody gets: that is known when it
    /// acknowledges, or resets.
    private func endAcknowledged() {
        advance(to: .ended)
        first.map(leaveFlight)
        closeAcknowledged()
    }

    /// A fault ends the connection with `exchange`, behind what has been written.
    private func end(_ exchange: Exchange, _ cut: Cut) {
        // The backend's own reset comes along like one of ours, behind what is held.
        if cut == .fin || !backendSide.contains(.reset) {
            flags.formUnion(cut == .rst ? [.cut, .cutByReset] : .cut)
        }
        stopWaiting()
        end(isReset: cut == .rst) { cutNow(cut) }
    }

    /// Nothing more goes to the client, and it is heard no more: late, if `slow_close` says so.
    ///
    /// - Parameter isComplete: the client has all that it was owed.
    func endClient(isComplete: Bool = false) {
        guard phase < .ended else { return }
        stopWaiting()
        let isReset = isResetOwed && !isComplete && phase < .ending
        if !isReset, isEndHeld {
            advance(to: .ending)
            return schedule()
        }
        end(isReset: isReset) { isReset ? cutNow(.rst) : closeNow() }
    }

    /// Behind our end nothing can reach the client any more, unless something before it is still
    /// on its way.
    func end(isReset: Bool, _ body: () -> Void) {
        let wasQueued = stream.queuedBytes > 0
        let isAwaited = isReset && (wasQueued || stream.unacknowledgedBytes > 0)
        advance(to: .ended)
        if isReset { flags.insert(.resetting) }
        body()
        // What was gathered goes with the end, unless the connection is lost with it.
        if !isAwaited, stream.queuedBytes == 0, stream.isOpen || !wasQueued { finishAll() }
    }

    // MARK: Bytes

    func write(_ exchange: Exchange) {
        let flows = exchange.down.takeReady()
        guard !flows.isEmpty else { return }
        // Head and body in one system call; what a fault has cut in pieces stays in pieces.
        let isCorked = !exchange.down.needsBytes && stream.cork()
        for flow in flows { write(flow, of: exchange) }
        if isCorked { stream.uncork() }
    }

    private func write(_ flow: Flow, of exchange: Exchange) {
        switch flow {
        case .prepared(let response): write(response, of: exchange)
        case .bytes(let bytes):
            exchange.facts.left(bytes)
            countSent(bytes.count)
            proxy.environment.onWire?(.sent(bytes, to: stream.peer))
            stream.write(bytes)
        case .boundary, .end, .cut: break
        }
    }

    private func write(_ response: PreparedResponse, of exchange: Exchange) {
        let date = proxy.environment.date
        guard let timing = timing(exchange) else {
            countSent(response.count)
            exchange.facts.left(
                head: response.count - response.body.count, body: response.body.count)
            return stream.write(response, date: date)
        }
        let head = response.head(
            date: date, persistence: exchange.closes ? .close : .implied, adding: timing)
        countSent(head.count + response.body.count)
        if let onWire = proxy.environment.onWire {
            for bytes in [head, response.body] { onWire(.sent(bytes, to: stream.peer)) }
        }
        exchange.facts.left(head: head.count, body: response.body.count)
        stream.write(head)
        stream.write(response.body)
    }

    /// What is told of its faults.
    func timing(_ exchange: Exchange) -> HTTPField? {
        guard proxy.environment.hasFaultFields else { return nil }
        return ServerTiming.field(exchange.facts.faults)
    }

    /// A site's answers come from it as they leave.
    @inline(__always)
    func countSent(_ count: Int) {
        proxy.counters.sentDownstream &+= UInt64(count)
        if proxy.site != nil { proxy.counters.receivedDownstream &+= UInt64(count) }
    }

    /// An answer of ours goes to the client, through the faults on its way.
    func send(_ flows: [Flow], of exchange: Exchange, at now: Instant) {
        exchange.progress.insert(.requestSent)
        for flow in flows { exchange.down.receive(flow, at: now) }
    }
}
