import HTTPWire

/// A script at work on one exchange: a request, an answer and the time go in, actions and the next
/// deadline come out. No clock, socket or randomness inside.
public struct ScriptRun {
    /// When the steps begin.
    public enum Beginning: Sendable {
        /// As soon as the connection is there.
        case accept
        /// When the head of the request is there.
        case head
        /// When the request is complete.
        case complete
    }

    /// The request that the honest answer is made for: the client's with these changes.
    public struct Question: Equatable, Sendable {
        /// Names of fields, in lower case.
        public var dropped: [String] = []
        /// Complete field lines without their end: `Range: bytes=0-9`; each replaces those of its
        /// name.
        public var set: [String] = []
        /// Whether another object of the same server is needed, too.
        public var needsOther = false

        public init() {}
    }

    private var isDone = false
    private var answer: HonestAnswer?

    /// - Parameter seed: of what is drawn while it runs.
    public init(_ fault: ScriptFault, seed: UInt64) {}

    public var beginning: Beginning { .complete }

    /// What has to be asked, and given with `take`, before it can go on; nil: nothing.
    public var question: Question? { answer == nil && !isDone ? Question() : nil }

    /// A request is there: the first one, or the next one after `awaitRequest`.
    public mutating func take(_ request: ScriptRequest) {}

    /// What was asked for.
    public mutating func take(_ answer: HonestAnswer, other: HonestAnswer?) { self.answer = answer }

    /// The client has ended its side.
    public mutating func clientEnded(at now: Instant) {}

    /// When it wants to be run again; nil: as soon as there is room, or an answer, or never.
    public var deadline: Instant? { nil }

    /// Whether nothing more will come of it but with time, a request or an answer.
    public var isWaiting: Bool { question != nil }

    /// Whether it has done all.
    public var isOver: Bool { isDone }

    /// Goes on.
    ///
    /// - Parameter room: how many bytes the output takes; at most 64 KiB are made at once.
    public mutating func run(at now: Instant, room: Int) -> [ScriptAction] {
        guard let answer, !isDone else { return [] }
        isDone = true
        return [.bytes(Bytes(answer.head).asHead), .bytes(Bytes(answer.body)), .end]
    }
}
