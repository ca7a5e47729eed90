import EventLoop
import Faults
import HTTPWire
import Records

/// What the record of an exchange needs and nothing else does; kept only where records are wanted.
final class ExchangeFacts {
    let method: String
    var target: String
    let attempt: UInt32?
    var faults: [FaultPlan.DrawnFault]
    /// When the request was complete.
    var start: Instant
    /// Since when faults may hold it; later than `start` if it had to wait for its place.
    var admitted: Instant
    let inFlight: UInt32
    let number: UInt32
    /// When the first byte left for the client.
    var left: Instant?
    /// Body bytes that the answer announces.
    var promised: Int?
    var status: HTTPStatus?
    var refusal: ExchangeRecord.Refusal?
    var isMalformed = false
    var isConnection = false
    /// Thousands of exchanges may wait, and only those with a backend have one.
    private var farSide: FarSide?

    private final class FarSide {
        /// When the backend had the request, and when its answer began.
        var passedOn: Instant?
        var answered: Instant?
        /// Bytes of the body as they came, and how many of them frame its chunks.
        var bodyBytes = 0
        var chunkBytes = 0
    }

    private var far: FarSide {
        if let farSide { return farSide }
        let made = FarSide()
        farSide = made
        return made
    }

    init(
        method: String = "", target: String = "", attempt: UInt32? = nil,
        faults: [FaultPlan.DrawnFault] = [], start: Instant, inFlight: Int, number: UInt32
    ) {
        (self.method, self.target, self.attempt, self.faults) = (method, target, attempt, faults)
        (self.start, admitted, self.number) = (start, start, number)
        self.inFlight = UInt32(clamping: inFlight)
    }

    convenience init(
        _ request: HTTPRequest, attempt: UInt32? = nil, faults: [FaultPlan.DrawnFault] = [],
        start: Instant, inFlight: Int, number: UInt32
    ) {
        self.init(
            method: ExchangeRecord.text(request.methodText),
            target: ExchangeRecord.text(request.target), attempt: attempt,
            faults: faults, start: start, inFlight: inFlight, number: number)
    }

    func answers(_ answer: SiteAnswer, toHead isHead: Bool) {
        (status, promised) = (answer.status, isHead ? 0 : answer.bodyCount)
        // One string for all that ask for it.
        if case .prepared(let response) = answer, response.target == target {
            target = response.target
        }
    }

    /// More of the backend's body has come.
    ///
    /// - Parameter framing: how many of all its bytes frame chunks.
    func came(_ count: Int, framing: Int) {
        guard framing > 0 else { return }
        far.bodyBytes += count
        far.chunkBytes = framing
    }

    /// The content in what has left of a body; of a part, the share that the whole has.
    private func content(in sent: Int) -> Int {
        guard let farSide, farSide.bodyBytes > 0 else { return sent }
        let left = min(sent, farSide.bodyBytes)
        let framing = farSide.chunkBytes.multipliedFullWidth(by: left)
        return sent - farSide.bodyBytes.dividingFullWidth(framing).quotient
    }

    /// All of the request has come; one that had to wait for its place had come before.
    func complete(at now: Instant) {
        if start == admitted { start = now }
        admitted = now
    }

    /// The backend has the request.
    func passOn(at now: @autoclosure () -> Instant) {
        if !faults.isEmpty { far.passedOn = now() }
    }

    /// The backend's answer begins.
    func answer(at now: @autoclosure () -> Instant) {
        if !faults.isEmpty, farSide?.answered == nil { far.answered = now() }
    }

    /// How long faults have held it: on both ways, without the time that the backend took.
    private func held(until end: Instant) -> Nanoseconds {
        guard !faults.isEmpty else { return 0 }
        let left = left ?? end
        let answered = farSide?.answered
        if isConnection { return answered.map { left - min($0, left) } ?? 0 }
        guard let passedOn = farSide?.passedOn else { return left - min(admitted, left) }
        let up = passedOn - min(admitted, passedOn)
        return up + (answered.map { left - min($0, left) } ?? 0)
    }

    /// Says what happened, in a record that is signed.
    ///
    /// - Parameters:
    ///   - sent: bytes that have left, the head included where there is one.
    ///   - heads: how many bytes of the answer are its head.
    func tell(
        _ record: inout ExchangeRecord, sent: Int, heads: Int, _ ending: ExchangeRecord.Ending,
        at now: Instant
    ) {
        record.exchange = number
        (record.method, record.target) = (method, target)
        (record.attempt, record.faults) = (attempt, faults)
        (record.refusal, record.isMalformed) = (refusal, isMalformed)
        record.isConnection = isConnection
        record.status = sent > 0 && sent >= heads ? status : nil
        (record.bytesPromised, record.bytesSent) = (promised, content(in: max(sent - heads, 0)))
        record.actualDelay = held(until: now)
        (record.duration, record.inFlight) = (now - min(start, now), Int(inFlight))
        record.ending = ending
    }
}
