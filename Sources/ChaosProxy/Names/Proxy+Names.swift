import EventLoop
import Faults
import Names
import Records

extension NameReply {
    /// As records have it.
    var status: RecordStatus? { result.map { RecordStatus(responseCode: $0.rawValue) } }
}

// A name server: what is asked over UDP, and what both ways have in common.
extension Proxy {
    /// Listens for datagrams where it listens for connections.
    ///
    /// - Throws: `EventLoopError` if the address cannot be bound.
    func answering(
        on address: SocketAddress, from zone: Zone, loop: EventLoop
    ) throws(EventLoopError) -> DatagramListener {
        let listener = try DatagramListener(address, on: loop)
        let answers = GatheredAnswers(zone, listener, proxy: self)
        listener.onReceive = { [unowned self, unowned listener] bytes, isWhole, peer in
            countAsked(bytes.count)
            // Of what is cut off the head alone is read, so that it is malformed for sure.
            let bytes = isWhole ? bytes : UnsafeRawBufferPointer(rebasing: bytes.prefix(12))
            switch NameQuery.read(bytes, over: .datagram) {
            case .nothing: counters.malformed += 1
            case .mistake(let reply):
                let session = DatagramSession(zone, listener, peer, proxy: self)
                session.refuse(reply)
            case .query(let query) where plan.isEmpty && !isLimited:
                answers.answer(query, to: peer)
            case .query(let query):
                DatagramSession(zone, listener, peer, proxy: self).serve(query)
            }
        }
        listener.onGathered = { answers.gone(isSent: $0) }
        listener.onTrouble = environment.warn
        return listener
    }

    /// Answers on a connection that has come.
    func answer(_ connection: some ByteStream, from zone: Zone, peer: SocketAddress?) {
        let session = NameSession(stream: connection, zone: zone, proxy: self, peer: peer)
        keep(session)
        connection.start(session)
    }

    // MARK: Both ways

    /// Bytes of questions: whoever answers takes whatever comes.
    func countAsked(_ count: Int) {
        counters.receivedUpstream &+= UInt64(count)
        counters.sentUpstream &+= UInt64(count)
    }

    func countAnswered(_ count: Int) {
        counters.receivedDownstream &+= UInt64(count)
        counters.sentDownstream &+= UInt64(count)
    }

    /// Begins an exchange, which meets what is drawn for it.
    ///
    /// - Parameters:
    ///   - number: of the message on its connection, from 1.
    ///   - waitedSince: when it had come; nil if it did not have to wait for its place.
    func exchange(
        _ query: NameQuery, from zone: Zone, over way: NameWay, of session: Session,
        number: UInt32, waitedSince: Instant?
    ) -> NameExchange {
        let inFlight = began(session, at: environment.now())
        let drawn = query.key.withUnsafeBytes { key in
            draw(key, nil, from: session.client?.host, number: number, inFlight: inFlight)
        }
        // Read again: no answer may leave early.
        let now = environment.now()
        let isRecorded = environment.isRecorded
        let facts = ExchangeFacts(
            method: isRecorded ? query.question.type.description : "",
            target: isRecorded ? query.question.name.description : "", attempt: drawn.attempt,
            faults: drawn.faults, start: now, waitedSince: waitedSince,
            origin: session.origin ?? environment.origin, inFlight: inFlight, number: number)
        return NameExchange(
            facts, NameReply(to: query, from: zone, over: way), over: way, at: now)
    }

    /// It is over: it leaves the flight, and has its record.
    func finish(
        _ exchange: NameExchange, of session: Session, _ ending: ExchangeRecord.Ending = .keep
    ) {
        let now = environment.now()
        guard !exchange.isOver else { return }
        exchange.isOver = true
        if Self.isClients(ending) { exchange.facts.traits.insert(.givenUp) }
        if exchange.facts.isInjected { injected(session) }
        if exchange.isCounted { ended(session, at: now) }
        record(&exchange.facts, of: session, ending, held: exchange.held(until: now), at: now)
    }

    private static func isClients(_ ending: ExchangeRecord.Ending) -> Bool {
        ending == .clientFin || ending == .clientRST
    }

    /// A question that waits for its place gets none: its session ends.
    func stopWaiting(
        _ query: NameQuery, from zone: Zone, over way: NameWay, of session: Session,
        number: UInt32, _ ending: ExchangeRecord.Ending
    ) {
        let reply = NameReply(to: query, from: zone, over: way)
        var facts = self.facts(
            query, reply, sent: 0, number: number, waitedSince: queue.since(session))
        if Self.isClients(ending) { facts.traits.insert(.givenUp) }
        counters.requests += 1
        record(&facts, of: session, ending, at: environment.now())
        leaveQueue(session)
    }

    /// Tells of a question that is over, or was none.
    func record(
        _ facts: inout ExchangeFacts, of session: Session, _ ending: ExchangeRecord.Ending = .keep,
        held: Nanoseconds = 0, at now: Instant
    ) {
        if facts.isRefused(ending) { counters.refused += 1 }
        guard environment.isRecorded else { return }
        var record = ExchangeRecord(proxy: name)
        session.sign(&record)
        facts.tell(&record, ending, held: held, at: now)
        environment.record(consume record, of: self, at: now)
    }

    /// Facts of what is answered at once, and met nothing.
    ///
    /// - Parameters:
    ///   - query: nil if it was none.
    ///   - sent: bytes of its answer.
    func facts(
        _ query: NameQuery?, _ reply: NameReply, sent: Int, number: UInt32,
        waitedSince: Instant? = nil
    ) -> ExchangeFacts {
        var facts = ExchangeFacts(
            method: query?.question.type.description ?? "",
            target: query?.question.name.description ?? "", start: environment.now(),
            waitedSince: waitedSince, origin: environment.origin, inFlight: counters.inFlight,
            number: number, traits: query == nil ? .malformed : [])
        guard sent > 0 else { return facts }
        facts.answers(reply.status, within: 1)
        facts.left(sent)
        return facts
    }
}
