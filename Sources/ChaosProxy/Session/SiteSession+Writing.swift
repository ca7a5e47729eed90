import EventLoop
import Faults
import HTTPWire

// The writing half of a session: answers leave in the order of their requests.
extension SiteSession {
    func append(_ exchange: HTTPExchange) {
        expiresAt = .max
        guard var last = waiting else { return waiting = exchange }
        while let next = last.next { last = next }
        last.next = exchange
    }

    var waitingCount: Int {
        var count = 0
        forEachWaiting { _ in count += 1 }
        return count
    }

    /// Writes what may leave, in the order of the requests, and asks to be woken for the rest.
    func flush() {
        while let first = waiting {
            write(first.takeReady(), of: first)
            if first.source != nil { pump(first) }
            if let cut = first.cut { return end(first, cut) }
            // A client that has ended will not wait for what never comes.
            if first.isStuck, flags.contains(.peerEnded) { return close() }
            // Over when the kernel has taken it all: until then it can still be cut short.
            guard first.isComplete, stream.queuedBytes == 0, stream.isOpen else { break }
            if first.next == nil, isLastOne { return end(acknowledged: first) }
            waiting = first.next
            leaveFlight(first)
            record(first, first.closes ? .fin : .keep)
            if first.closes { return close() }
        }
        guard waiting != nil else { return becameIdle() }
        schedule()
    }

    func schedule() {
        var deadline = UInt64.max
        forEachWaiting { deadline = min(deadline, $0.deadline?.nanoseconds ?? .max) }
        let mayGoOn = !standing.isDisjoint(with: [.granted, .expired]) && hasRoom
        if mayGoOn || flags.contains(.pumping) {
            deadline = proxy.environment.now().nanoseconds
        }
        if deadline < .max { stream.wake(at: deadline) }
    }

    /// Whether the client has ended and gets nothing more than this.
    var isLastOne: Bool {
        flags.contains(.peerEnded)
            && flags.isDisjoint(with: [.paused, .closingSlowly]) && connectionFaults == nil
    }

    /// The client may be gone, and then the kernel took what nobody gets: that is known when it
    /// acknowledges, or resets.
    func end(acknowledged exchange: HTTPExchange) {
        leaveFlight(exchange)
        flags.insert(.refusing)
        stream.closeWhenAcknowledged()
    }

    /// A fault ends the connection with `exchange`.
    func end(_ exchange: HTTPExchange, _ cut: Cut) {
        flags.insert(.refusing)
        leaveFlight(exchange)
        let isOnItsWay = stream.queuedBytes > 0 || cut == .rst && stream.unacknowledgedBytes > 0
        if !isOnItsWay {
            waiting = exchange.next
            record(exchange, cut == .fin ? .fin : .rst)
        }
        switch cut {
        case .fin: stream.close(lingering: !flags.contains(.peerEnded))
        case .rst: stream.resetInOrder()
        }
    }

    /// Sends of a body that is made while it is sent as much as the client takes, but not all at
    /// once: others wait.
    func pump(_ exchange: HTTPExchange) {
        flags.remove(.pumping)
        if proxy.isDraining, let source = exchange.source, source.isEndless {
            // It would go on for ever.
            write([.bytes(Bytes(source.end))], of: exchange)
            if exchange.next == nil { exchange.closes = true }
            return exchange.endBody()
        }
        for _ in 0..<2 {
            guard stream.isOpen, stream.queuedBytes < StreamedBody.highMark,
                let piece = exchange.source?.next()
            else { return }
            write([.bytes(Bytes(piece.bytes))], of: exchange)
            if piece.isLast { return exchange.endBody() }
        }
        flags.insert(.pumping)
    }

    func becameIdle() {
        restartClock()
        if proxy.isDraining { return close() }
        // What is kept was sent before the FIN, and is served first.
        if flags.contains(.peerEnded), !flags.contains(.paused) { return close() }
        if let incoming, incoming.body != nil { awaitBody(incoming) }
    }

    func write(_ flows: [Flow], of exchange: HTTPExchange) {
        guard !flows.isEmpty else { return }
        if let facts = exchange.facts, facts.left == nil, !facts.faults.isEmpty {
            facts.left = proxy.environment.now()
        }
        // Head and body in one system call; what a fault has cut in pieces stays in pieces.
        let isCorked = !exchange.needsBytes && stream.cork()
        for flow in flows {
            switch flow {
            case .prepared(let response): write(response, of: exchange)
            case .bytes(let bytes):
                sent(bytes.count)
                exchange.sentBytes += bytes.count
                stream.write(bytes)
            case .boundary, .end, .cut: break
            }
        }
        if isCorked { stream.uncork() }
    }

    func write(_ response: PreparedResponse, of exchange: HTTPExchange) {
        let date = proxy.environment.date
        guard let timing = timing(exchange) else {
            sent(response.count)
            exchange.sentBytes += response.count
            return stream.write(response, date: date)
        }
        let head = response.head(
            date: date, persistence: exchange.closes ? .close : .implied, adding: timing)
        exchange.headBytes = UInt32(head.count)
        exchange.sentBytes += head.count + response.body.count
        sent(head.count + response.body.count)
        stream.write(head)
        stream.write(response.body)
    }

    @inline(__always)
    func sent(_ count: Int) {
        proxy.counters.receivedDownstream &+= UInt64(count)
        proxy.counters.sentDownstream &+= UInt64(count)
    }
}
