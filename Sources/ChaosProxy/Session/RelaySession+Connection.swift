import EventLoop
import Faults
import HTTPWire
import Records

// The connection as the exchange: where a protocol has no messages, and what becomes of one that
// has any.
extension RelaySession {
    /// The connection is under way from here on.
    ///
    /// - Returns: false if it is refused.
    func beginConnection() -> Bool {
        guard !standing.contains(.surplus) else {
            refuseConnection()
            return false
        }
        let inFlight = proxy.began(self, at: now)
        ordinal = proxy.nextConnectionOrdinal()
        (begun, begunInFlight) = (now, UInt32(clamping: inFlight))
        if let origin = proxy.environment.origin { begins(as: origin) }
        exchangeCount &+= 1
        return true
    }

    func beginConnectionExchange() {
        let drawn = drawConnection()
        if !drawn.isEmpty { appendTunnel(drawn, facts: connectionFacts(drawn), isCounted: true) }
        if let first, let reply = injectedReply(drawn) {
            if let make = proxy.protocol.traits.opening {
                set(opening: OpeningReading(make(), error: reply))
                first.progress.formUnion([.own, .requestSent])
            } else {
                inject(reply, into: first)
            }
        } else {
            dial()
        }
        settle()
    }

    private func inject(_ reply: Bytes, into exchange: Exchange) {
        exchange.facts.traits.insert(.injected)
        exchange.down.receive(.bytes(reply), at: now)
        endOwn(exchange)
    }

    /// Nothing more is said in place of the backend.
    private func endOwn(_ exchange: Exchange) {
        advance(to: .refusing)
        exchange.progress.formUnion([.own, .requestSent, .closes])
        exchange.down.receive(.boundary, at: now)
    }

    /// The client says what it has to say before it understands an error.
    func read(_ opening: OpeningReading, _ bytes: UnsafeRawBufferPointer) {
        guard let first else { return set(opening: nil) }
        let (reply, isComplete) = opening.opening.read(bytes)
        if !reply.isEmpty { first.down.receive(.bytes(Bytes(reply)), at: now) }
        guard isComplete else { return }
        set(opening: nil)
        inject(opening.error, into: first)
    }

    /// The client will not say all of it: it gets its end.
    private func giveUpOpening() {
        guard opening != nil else { return }
        set(opening: nil)
        if let first { endOwn(first) }
    }

    func drawConnection() -> [FaultPlan.DrawnFault] {
        guard !proxy.plan.isEmpty else { return [] }
        if flags.insert(.drawn).inserted { proxy.counters.drawn += 1 }
        return proxy.drawConnection(
            ordinal: ordinal, from: stream.peer?.host, number: number, inFlight: begunInFlight)
    }

    private func injectedReply(_ drawn: [FaultPlan.DrawnFault]) -> Bytes? {
        guard respond(drawn) != nil else { return nil }
        return proxy.protocol.errorReply().map { Bytes($0.bytes) }
    }

    func connectionFacts(_ drawn: [FaultPlan.DrawnFault]) -> ExchangeFacts {
        var facts = ExchangeFacts(
            faults: (lifetime?.arrivals ?? []) + drawn, start: begun, origin: origin,
            inFlight: Int(begunInFlight), number: 1,
            traits: .connection)
        facts.left(plainBytes)
        return facts
    }

    /// Everything from here on is bytes.
    func appendTunnel(
        _ drawn: [FaultPlan.DrawnFault], facts: ExchangeFacts, isCounted: Bool
    ) {
        let tunnel = Exchange(
            facts, isCounted ? [.tunnel, .counted] : .tunnel, faults: drawn,
            credits: proxy.bandwidth)
        tunnel.begin(at: now)
        append(tunnel)
        current = tunnel
    }

    /// The exchange that a connection is, from when its bytes have to be looked at.
    func beginTunnel(_ drawn: [FaultPlan.DrawnFault]) {
        let facts = connectionFacts(drawn)
        appendTunnel([], facts: facts, isCounted: flags.isDisjoint(with: [.recorded, .leftFlight]))
        if flags.contains(.recorded) { first?.progress.insert(.recorded) }
        // What has ended before the faults came is not held back by them.
        if clientSide.contains(.ended) { first?.receiveUp(.end, at: now) }
        if backendSide.contains(.ended) { first?.down.receive(.end, at: now) }
        if !drawn.isEmpty { first?.replace(drawn, credits: proxy.bandwidth, at: now) }
    }

    /// The connection is over where it is the exchange.
    func finishConnection(_ ending: ExchangeRecord.Ending) {
        guard messages == nil, flags.insert(.recorded).inserted else { return }
        if let first { return finish(first, ending) }
        guard !standing.contains(.surplus) else { return }
        if !flags.contains(.leftFlight) { proxy.ended(self, at: now) }
        var facts = connectionFacts([])
        let now = now
        if let lifetime, lifetime.isKeptOut, Self.isClients(ending) {
            facts.traits.insert(.givenUp)
        }
        record(&facts, ending, held: lifetime?.kept(until: now) ?? 0, at: now)
    }

    func meet(_ drawn: [FaultPlan.DrawnFault]) {
        guard let first else {
            if !drawn.isEmpty { beginTunnel(drawn) }
            return
        }
        if !first.facts.meet(drawn) {
            proxy.environment.warn(
                of: .toxics,
                "\(proxy.name): connection \(number) has met more than "
                    + "\(ExchangeFacts.maximumFaults) toxics; its record has the first ones")
        }
        first.replace(drawn, credits: proxy.bandwidth, at: now)
    }

    /// The client's FIN on a connection that is the exchange: a client that is gone is over with,
    /// and what it has sent goes on.
    func connectionEnded() {
        // Of one that has ended on both sides all is told.
        let isOver = clientSide.contains(.finished) && flags.contains(.recorded)
        switch isOver ? nil : stream.peerHasGone {
        case true?: connectionGone()
        case false?: break
        case nil: leaveFlightOnce()
        }
        giveUpOpening()
        current?.receiveUp(.end, at: now)
        settle()
    }

    /// The client does not exist any more: its connection is over, and what it has sent goes on.
    func connectionGone() {
        noteGone()
        finishConnection(.clientFin)
        advance(to: .refusing)
        closeGone()
        settle()
    }

    /// Of a client that may be gone nothing is known: it keeps no place.
    private func leaveFlightOnce() {
        guard !flags.contains(.recorded), flags.insert(.leftFlight).inserted else { return }
        if let first { leaveFlight(first) } else { proxy.ended(self, at: now) }
    }
}
