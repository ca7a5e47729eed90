import EventLoop
public import HTTPWire
public import Records

@testable public import Faults

/// Records as exchanges leave them.
public enum SampleRecords {
    /// One that the documentation shows.
    public static var documented: ExchangeRecord {
        var record = ExchangeRecord(proxy: "error")
        (record.sequence, record.time) = (917, 1_795_269_721_120_345_678)
        (record.connection, record.exchange) = (12, 3)
        record.client = SocketAddress(host: "127.0.0.1", port: 51234)
        (record.method, record.target, record.attempt) = ("GET", "/flags/br/br.gif", 1)
        record.faults = [respond(503, draw: 0.113)]
        (record.status, record.bytesPromised, record.bytesSent) = (503, 21, 21)
        (record.actualDelay, record.duration) = (500_199_999, 500_499_999)
        record.inFlight = 17
        return record
    }

    public static func respond(_ status: HTTPStatus, draw: Double?) -> FaultPlan.DrawnFault {
        let toxicity = Probability(0.25) ?? .never
        return FaultPlan.DrawnFault(
            toxic: Toxic(
                .respond(.standard), stream: .upstream,
                toxicity: draw == nil ? .exact(toxicity) : .random(toxicity)),
            draw: draw, effect: .respond(status, retryAfter: nil), hasActed: true)
    }

    public static func latency(_ delay: Nanoseconds, name: String = "slow") -> FaultPlan.DrawnFault
    {
        FaultPlan.DrawnFault(
            toxic: Toxic(
                .latency(Latency(latency: delay, jitter: 0)), stream: .downstream, name: name),
            draw: 0.5, effect: .latency(delay), hasActed: true)
    }

    /// A flag that was served.
    public static func served(
        _ sequence: UInt64, proxy: String = "local", target: String = "/flags/br/br.gif"
    ) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: proxy)
        record.sequence = sequence
        // One a second, from 2026-11-21T00:00:00Z.
        record.time = (1_795_219_200 + Int64(sequence)) * 1_000_000_000
        record.client = SocketAddress(host: "127.0.0.1", port: UInt16(truncatingIfNeeded: sequence))
        (record.method, record.target, record.status) = ("GET", target, 200)
        return record
    }
}

extension Journal {
    /// Takes records that were served, numbered on from the newest.
    public func append(served count: Int, proxy: String = "local") {
        for _ in 0..<count { append(SampleRecords.served(newest + 1, proxy: proxy)) }
    }
}
