import EventLoop
import Faults
import HTTPWire

/// What the record of an exchange needs and nothing else does; kept only where records are wanted.
final class ExchangeFacts {
    let client: SocketAddress?
    let method: String
    let target: String
    let attempt: UInt32?
    var faults: [FaultPlan.DrawnFault]
    /// When the request was complete.
    var start: Instant
    let inFlight: Int
    let number: UInt32
    var status: HTTPStatus?
    /// Of the answer's body; of the whole stream where the connection is the exchange.
    var byteCount = 0

    init(
        method: String = "", target: String = "", client: SocketAddress?, attempt: UInt32? = nil,
        faults: [FaultPlan.DrawnFault] = [], start: Instant, inFlight: Int, number: UInt32
    ) {
        (self.method, self.target, self.client) = (method, target, client)
        (self.attempt, self.faults, self.start) = (attempt, faults, start)
        (self.inFlight, self.number) = (inFlight, number)
    }

    convenience init(
        _ request: HTTPRequest, client: SocketAddress?, attempt: UInt32?,
        faults: [FaultPlan.DrawnFault], start: Instant, inFlight: Int, number: UInt32
    ) {
        self.init(
            method: String(decoding: request.methodText, as: UTF8.self),
            target: String(decoding: request.target, as: UTF8.self), client: client,
            attempt: attempt, faults: faults, start: start, inFlight: inFlight, number: number)
    }

    func answered(_ answer: SiteAnswer, toHead isHead: Bool) {
        (status, byteCount) = (answer.status, isHead ? 0 : answer.bodyCount)
    }

    /// What has left, where a fault or the connection's end may have cut it short.
    ///
    /// - Parameter heads: how many of the bytes are a head, if all of it left.
    func sent(_ count: Int, ofThem heads: Int) {
        byteCount = max(count - heads, 0)
        if count < heads || count == 0 { status = nil }
    }

    func record(_ session: Session, _ ending: ExchangeRecord.Ending) -> ExchangeRecord {
        ExchangeRecord(
            proxy: session.proxy.name, connection: session.number, exchange: number,
            client: client, method: method, target: target, attempt: attempt, faults: faults,
            status: status, bytes: byteCount,
            duration: session.proxy.environment.now() - start, inFlight: inFlight, ending: ending)
    }
}
