public import Faults
public import HTTPWire

/// What is known of an exchange under way, and what its record says of it in the end: the one place
/// for both kinds of session. Knows no clock; time is passed in.
public struct ExchangeFacts {
    /// What an exchange is beside its bytes.
    public struct Traits: OptionSet, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The request could not be understood, or took too long to come.
        public static let malformed = Traits(rawValue: 1)
        /// It is a whole connection.
        public static let connection = Traits(rawValue: 2)
        /// Only content counts of what leaves: no heads, no framing.
        public static let hasContent = Traits(rawValue: 4)
        /// A fault gave the answer.
        public static let injected = Traits(rawValue: 8)
        /// It is refused without a byte, by the end of its connection.
        public static let refusedByEnd = Traits(rawValue: 16)
        /// Its client left while something of it was held back.
        public static let givenUp = Traits(rawValue: 32)
        /// What answered it was no reply.
        public static let backendMalformed = Traits(rawValue: 64)
    }

    /// Most toxics that one exchange is told to have met.
    public static let maximumFaults = 256

    /// What few have: thousands of those without may wait.
    private final class Rare: Sendable {
        let origin: RecordOrigin?
        let queued: Nanoseconds

        init(origin: RecordOrigin?, queued: Nanoseconds) {
            (self.origin, self.queued) = (origin, queued)
        }
    }

    private let rare: Rare?
    public let method: String
    public private(set) var target: String
    /// Those that it met, as they were drawn.
    public private(set) var faults: [FaultPlan.DrawnFault]
    /// When the request was complete.
    public private(set) var start: Instant
    /// Of the exchange on its connection, from 1.
    public let number: UInt32
    private let inFlight: UInt32
    /// 0 if nothing was drawn, or if too many targets are known to count.
    public let attempt: UInt32
    /// How many bytes of the answer there are up to the end of the line that says its status.
    private var statusEnd: UInt32 = 0
    /// Below 0 if nothing is announced.
    private var announced = -1
    /// Made when the first byte leaves: thousands may wait for that.
    private var leaving: LeavingBytes?
    private var status: RecordStatus?
    public var refusal: ExchangeRecord.Refusal?
    public var traits: Traits

    /// - Parameters:
    ///   - waitedSince: when the request came, if it had to wait for its place.
    ///   - origin: its world and its label; nil if it has neither.
    ///   - inFlight: exchanges under way with this one.
    ///   - number: of the exchange on its connection, from 1.
    public init(
        method: String = "", target: String = "", attempt: UInt32? = nil,
        faults: [FaultPlan.DrawnFault] = [], start: Instant, waitedSince: Instant? = nil,
        origin: RecordOrigin? = nil, inFlight: Int, number: UInt32, traits: Traits = []
    ) {
        (self.method, self.target, self.attempt) = (method, target, attempt ?? 0)
        (self.faults, self.number, self.traits) = (faults, number, traits)
        self.start = waitedSince ?? start
        let queued = waitedSince.map { start - min($0, start) } ?? 0
        rare = origin == nil && queued == 0 ? nil : Rare(origin: origin, queued: queued)
        self.inFlight = UInt32(clamping: inFlight)
    }

    public var origin: RecordOrigin? { rare?.origin }
    /// How long it has waited for its place.
    public var queued: Nanoseconds { rare?.queued ?? 0 }

    /// Content that the answer announces; nil if it announces none.
    public var promised: Int? {
        get { announced < 0 ? nil : announced }
        set { announced = newValue ?? -1 }
    }

    // MARK: What becomes known on the way

    /// All of the request has come; one that had to wait for its place had come before.
    public mutating func complete(at now: Instant) {
        if queued == 0 { start = now }
    }

    /// What is to be answered.
    public mutating func answers(_ answer: SiteAnswer, toHead isHead: Bool) {
        promised = isHead ? 0 : answer.bodyCount
        answers(
            answer.status,
            within: answer.status.map(HTTPSerializer.statusLineCount) ?? 0)
        // One string for all that ask for it.
        if case .prepared(let response) = answer, response.target == target {
            target = response.target
        }
    }

    /// - Parameter count: how many bytes of the answer there are up to the end of the line that
    ///   says its status.
    public mutating func answers(_ status: RecordStatus?, within count: Int) {
        self.status = status
        statusEnd = UInt32(clamping: count)
    }

    /// The same of a status of HTTP.
    public mutating func answers(_ status: HTTPStatus?, within count: Int) {
        answers(status.map { RecordStatus($0) }, within: count)
    }

    public var isAnswered: Bool { status != nil }

    /// Toxics that came while it was under way.
    ///
    /// - Returns: false if there were too many to be told.
    public mutating func meet(_ drawn: [FaultPlan.DrawnFault]) -> Bool {
        for fault in drawn where !faults.contains(where: { $0.toxic.isSame(as: fault.toxic) }) {
            guard faults.count < Self.maximumFaults else { return false }
            faults.append(fault)
        }
        return true
    }

    /// Whether it was really refused: its answer has left, or the end that stands for it.
    public func isRefused(_ ending: ExchangeRecord.Ending) -> Bool {
        guard refusal != nil else { return false }
        return traits.contains(.refusedByEnd) ? ending == .fin : hasAnswered
    }
    /// Whether a fault has really answered.
    public var isInjected: Bool {
        hasResponded || faults.contains { $0.hasScripted || $0.hasAnswered }
    }
    /// Whether `respond` has.
    private var hasResponded: Bool { traits.contains(.injected) && hasAnswered }

    private var hasAnswered: Bool { leaving?.hasHonestBytes ?? false }

    // MARK: What leaves for the client

    private mutating func makeLeaving() -> LeavingBytes {
        let made = leaving ?? LeavingBytes()
        leaving = made
        return made
    }

    public mutating func left(_ bytes: Bytes) {
        makeLeaving().add(bytes)
    }

    /// A response that lay ready, head and body.
    public mutating func left(head: Int, body: Int) {
        makeLeaving().add(head, content: 0)
        makeLeaving().add(body, content: body)
    }

    /// Bytes that no fault has seen.
    ///
    /// - Parameter content: where content lies in them; nil: everywhere.
    public mutating func left(_ count: Int, content: [Range<Int>]? = nil) {
        makeLeaving().add(count, content: content)
    }

    public mutating func leftHead(_ count: Int) {
        makeLeaving().add(count, content: 0)
    }

    /// So many of the last bytes are lost: the connection has ended before the client had them.
    ///
    /// - Parameter untaken: how many of them not even the kernel had taken.
    public mutating func lost(_ count: Int, untaken: Int) {
        leaving?.lose(count, untaken: untaken)
    }

    // MARK: The record

    /// Says what happened, in a record that is signed.
    ///
    /// - Parameter held: how long faults have held something of it.
    public mutating func tell(
        _ record: inout ExchangeRecord, _ ending: ExchangeRecord.Ending, held: Nanoseconds,
        at now: Instant
    ) {
        if hasResponded { noteInjection() }
        (record.exchange, record.origin) = (number, origin)
        (record.method, record.target) = (method, target)
        (record.attempt, record.faults) = (attempt == 0 ? nil : attempt, faults)
        record.refusal = isRefused(ending) ? refusal : nil
        record.isMalformed = traits.contains(.malformed)
        record.isConnection = traits.contains(.connection)
        record.hasGivenUp = traits.contains(.givenUp)
        record.status = leaving?.hasUnharmed(Int(statusEnd)) == true ? status : nil
        record.bytesPromised = promised
        record.bytesSent =
            (traits.contains(.hasContent) ? leaving?.content : leaving?.count) ?? 0
        record.isMangled = leaving?.isMangled ?? false
        (record.actualDelay, record.queued) = (held, queued)
        (record.duration, record.inFlight) = (now - min(start, now), Int(inFlight))
        record.ending = ending
    }

    private mutating func noteInjection() {
        let index = faults.firstIndex { fault in
            if case .respond = fault.effect { true } else { false }
        }
        if let index { faults[index].hasActed = true }
    }

    /// A script has had its turn.
    ///
    /// - Parameters:
    ///   - hasMet: whether the client has met its end, or a wait of it.
    ///   - saysStatus: whether its head says another status than the honest one.
    public mutating func noteScript(hasMet: Bool, saysStatus: Bool) {
        let index = faults.firstIndex { fault in
            if case .script = fault.effect { true } else { false }
        }
        guard let index, hasMet || leaving?.hasTaken ?? false else { return }
        faults[index].hasActed = true
        faults[index].saysStatus = saysStatus
    }

    /// The FIN of the connection is held back behind it.
    ///
    /// - Returns: whether a fault does that which it has met itself.
    public mutating func noteHeldEnd() -> Bool {
        let own = faults.indices.filter { index in
            let toxic = faults[index].toxic
            return toxic.stream == .downstream && toxic.fault.endDelay ?? 0 > 0
        }
        for index in own { faults[index].hasActed = true }
        return !own.isEmpty
    }

    /// Lets a pipeline tell what has come of the faults.
    public mutating func tellFaults(_ body: (inout [FaultPlan.DrawnFault]) -> Void) {
        if !faults.isEmpty { body(&faults) }
    }
}
