import EventLoop
import Faults
import HTTPWire
import Records

// What a session before a site tells of its exchanges.
extension SiteSession {
    func facts(
        _ request: HTTPRequest, _ attempt: UInt32?, _ faults: [FaultPlan.DrawnFault],
        _ inFlight: Int, waitedSince: Instant? = nil, at now: Instant
    ) -> ExchangeFacts? {
        let isTold = proxy.environment.hasFaultFields && !faults.isEmpty
        guard proxy.environment.onRecord != nil || isTold else { return nil }
        let facts = ExchangeFacts(
            request, attempt: attempt, faults: faults, start: waitedSince ?? now,
            inFlight: inFlight, number: exchangeCount)
        facts.admitted = now
        return facts
    }

    func record(_ exchange: HTTPExchange, _ ending: ExchangeRecord.Ending) {
        guard let facts = exchange.facts, proxy.environment.onRecord != nil else { return }
        let now = proxy.environment.now()
        var record = ExchangeRecord(proxy: proxy.name)
        sign(&record)
        facts.tell(
            &record, sent: exchange.sentBytes, heads: Int(exchange.headBytes), ending, at: now)
        proxy.environment.record(&record, of: proxy, at: now)
    }

    /// Without anything in between: most exchanges of LOCAL end where they began.
    func recordPlain(
        _ request: HTTPRequest, _ response: PreparedResponse, _ inFlight: Int, _ start: Instant
    ) {
        let now = proxy.environment.now()
        var record = ExchangeRecord(proxy: proxy.name)
        sign(&record)
        record.exchange = exchangeCount
        record.method =
            request.method == .get
            ? "GET"
            : ExchangeRecord.text(request.methodText)
        record.target =
            request.isFor(response.target)
            ? response.target : ExchangeRecord.text(request.target)
        record.status = response.status
        (record.bytesPromised, record.bytesSent) = (response.body.count, response.body.count)
        (record.duration, record.inFlight) = (now - start, inFlight)
        proxy.environment.record(&record, of: proxy, at: now)
    }
}
