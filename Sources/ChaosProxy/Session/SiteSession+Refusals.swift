import EventLoop
import Faults
import HTTPWire
import Records

// What a session before a site does not serve: nonsense, and what is over a limit.
extension SiteSession {
    /// Serves a complete request if it is let in.
    ///
    /// - Returns: false if it has to wait for its place and come again.
    func enterIfAdmitted(_ request: HTTPRequest) -> Bool {
        switch proxy.admission(of: self) {
        case .serve(let waitedSince): serve(request, waitedSince: waitedSince)
        case .refuse(let refused): refuse(request, refused)
        case .wait:
            flags.insert(.paused)
            stream.pauseReading()
            return false
        }
        return true
    }

    /// The request that waited for its place goes on.
    func goOnAfterWait() {
        guard !flags.contains(.refusing) else { return stopWaiting() }
        guard let incoming, hasRoom, stream.isOpen else { return }
        if let body = incoming.body, body.isComplete {
            serve(after: body, incoming)
        } else {
            processKept(incoming)
        }
        readOn()
    }

    /// Puts an answer of our own behind those that are owed, and ends the connection with it.
    func append(malformed response: HTTPResponse) {
        proxy.malformed(self)
        let now = proxy.environment.now()
        let facts = ownFacts(at: now)
        facts?.isMalformed = true
        facts?.answers(.made(response), toHead: false)
        let exchange = HTTPExchange(closes: true, isCounted: false, facts: facts)
        let flows = ResponseFlows(closingAt: proxy.environment.date)
        exchange.receive(flows.flows(.made(response)), at: now)
        append(exchange)
        flush()
    }

    /// Answers a request that is over a limit; nothing is drawn for it.
    func refuse(_ request: HTTPRequest, _ refused: Proxy.Refused) {
        proxy.refused()
        let closes = !request.keepsAlive || proxy.isDraining || standing.contains(.surplus)
        let now = proxy.environment.now()
        exchangeCount &+= 1
        let facts = facts(
            request, nil, [], proxy.counters.inFlight, waitedSince: refused.waitedSince, at: now)
        facts?.refusal = refused.reason
        guard let status = proxy.status(of: refused.reason) else {
            return close(refused: facts, at: now)
        }
        let answer = SiteAnswer.made(
            RefusalAnswers.answer(
                refused, status, extraFields: proxy.faultAnswers.extraFields))
        facts?.answers(answer, toHead: request.method == .head)
        let exchange = HTTPExchange(closes: closes, isCounted: false, facts: facts)
        if closes { flags.formUnion([.refusing, .talkative]) }
        let flows = ResponseFlows(
            request, keeps: !closes, mayBeWhole: true, date: proxy.environment.date)
        exchange.receive(flows.flows(answer), at: now)
        append(exchange)
        flush()
    }

    /// No request of it waits any more: its connection is ending.
    func stopWaiting() {
        guard standing.contains(.queued) else { return }
        recordQueued(flags.contains(.peerEnded) ? .clientFin : .fin)
        incoming = nil
        proxy.leaveQueue(self)
    }

    /// The connection ends while a request waits for its place, which it never had.
    func recordQueued(_ ending: ExchangeRecord.Ending) {
        guard let incoming else { return }
        let head = incoming.body?.head ?? incoming.bytes
        head.withUnsafeBytes { head in
            var skipped = 0
            guard let request = try? HTTPParser.parse(head, skipped: &skipped) else { return }
            proxy.refused()
            exchangeCount &+= 1
            let facts = facts(
                request, nil, [], proxy.counters.inFlight,
                waitedSince: proxy.queue.since(self), at: proxy.environment.now())
            facts?.refusal = .maxConcurrency
            record(HTTPExchange(closes: true, isCounted: false, facts: facts), ending)
        }
    }

    /// Ends the connection without a byte, behind the answers that are owed.
    func close(refused facts: ExchangeFacts?, at now: Instant) {
        flags.formUnion([.refusing, .talkative])
        let exchange = HTTPExchange(closes: true, isCounted: false, facts: facts)
        exchange.receive([.boundary], at: now)
        append(exchange)
        flush()
    }

    func ownFacts(at now: Instant) -> ExchangeFacts? {
        exchangeCount &+= 1
        guard proxy.environment.onRecord != nil else { return nil }
        return ExchangeFacts(start: now, inFlight: proxy.counters.inFlight, number: exchangeCount)
    }
}
