/// An answer, on its way to being bytes.
public struct NameReply: Sendable {
    /// Over UDP nobody is sent more than so many times what was asked with.
    public static let amplification = 10

    /// How it gets to who asked.
    public enum Delivery: Equatable, Sendable {
        case now
        case never
        /// From another address than it was asked at; not over TCP.
        case fromElsewhere
        /// Byte by byte, so many nanoseconds after each; not over UDP.
        case slowly(pause: UInt64)
    }

    var message: NameMessage
    public internal(set) var delivery = Delivery.now
    private var wantsTruncation = false
    /// It is an error that a fault has made.
    private var hasFailed = false
    /// What is answered is no message.
    var isGarbage = false
    let way: NameWay
    /// What it answers; nil if that was none.
    let question: NameQuestion?
    private let options: MessageOptions?
    /// Most bytes.
    private let limit: Int
    private(set) var code: ResponseCode

    /// From the zone.
    public init(to query: NameQuery, from zone: Zone, over way: NameWay) {
        let answer = zone.answer(query.question)
        (question, options, self.way) = (query.question, query.options, way)
        limit = Self.limit(query, way)
        message = NameMessage(
            query.identifier, Self.flags(query.flags, isOurs: true), query.question,
            answers: answer.records, authorities: answer.authority.map { [$0] } ?? [])
        code = answer.code
        set(answer.code)
    }

    /// A mistake.
    init(
        to message: NameMessage, _ code: ResponseCode, over way: NameWay,
        options: MessageOptions? = nil
    ) {
        (question, self.options, self.way) = (nil, options, way)
        limit = MessageOptions.leastSize
        self.message = NameMessage(
            message.identifier, Self.flags(message.flags, isOurs: false), message.question)
        self.code = code
        set(code)
    }

    /// The operation and the wish for recursion are repeated; there is none.
    private static func flags(_ asked: MessageFlags, isOurs: Bool) -> MessageFlags {
        var flags: MessageFlags = isOurs ? [.response, .authoritative] : [.response]
        if asked.contains(.recursionDesired) { flags.insert(.recursionDesired) }
        flags.operation = asked.operation
        return flags
    }

    private static func limit(_ query: NameQuery, _ way: NameWay) -> Int {
        switch way {
        case .stream: NameMessage.maximumBytes
        case .datagram:
            min(
                amplification * query.count, MessageOptions.ownSize,
                max(query.options?.size ?? 0, MessageOptions.leastSize))
        }
    }

    // MARK: What is said

    /// How it came out; nil where nothing is said.
    public var result: ResponseCode? { isGarbage || delivery == .never ? nil : code }

    mutating func set(_ code: ResponseCode) {
        self.code = code
        message.flags.code = code.rawValue & 15
        message.additionals = options == nil ? [] : [MessageOptions.record(code, to: options)]
    }

    /// Another answer without records, of which nothing can be cut off.
    mutating func fail(_ code: ResponseCode) {
        clear()
        set(code)
        hasFailed = true
    }

    /// Other records than those of the zone, and no error.
    mutating func succeed(_ records: [NameRecord]) {
        clear()
        set(.noError)
        message.answers = records
        hasFailed = false
    }

    private mutating func clear() {
        (message.answers, message.authorities) = ([], [])
    }

    /// Over UDP, no records, and the wish that it be asked for over TCP: when it is written, so
    /// that whatever else strikes it before or after that makes no difference.
    ///
    /// - Returns: whether there is anything to be cut off.
    mutating func truncate() -> Bool {
        wantsTruncation = true
        return isTruncated
    }

    /// Whether nothing of its records is sent.
    var isTruncated: Bool { wantsTruncation && !hasFailed }

    // MARK: Bytes

    /// Writes it, if there is anything to be sent: in a stream behind its length. What is longer
    /// than it may be is truncated; in a stream, where there is nothing to be asked again over, it
    /// has fewer records.
    public mutating func append(to bytes: inout [UInt8]) {
        guard delivery != .never else { return }
        let start = bytes.count
        if way == .stream { bytes += [0, 0] }
        let first = bytes.count
        if isTruncated { cut() }
        write(to: &bytes)
        while bytes.count - first > limit, !message.answers.isEmpty || !message.authorities.isEmpty
        {
            bytes.removeSubrange(first...)
            if way == .stream { shorten() } else { cut() }
            write(to: &bytes)
        }
        guard way == .stream else { return }
        let count = bytes.count - first
        bytes[start] = UInt8(truncatingIfNeeded: count >> 8)
        bytes[start + 1] = UInt8(truncatingIfNeeded: count)
    }

    private mutating func cut() {
        clear()
        message.flags.insert(.truncated)
    }

    /// By a part of its records, so that it has not to be done often.
    private mutating func shorten() {
        message.answers.removeLast((message.answers.count + 15) / 16)
        if message.answers.isEmpty { message.authorities = [] }
    }

    private func write(to bytes: inout [UInt8]) {
        if isGarbage {
            bytes += garbage
        } else {
            MessageWriter.append(message, to: &bytes)
        }
    }

    /// The number of the question, an answer's flags, counts that cannot be, and a name that is a
    /// pointer to itself.
    private var garbage: [UInt8] {
        let identifier = message.identifier
        return [UInt8(identifier >> 8), UInt8(truncatingIfNeeded: identifier), 0x84, 0]
            + [UInt8](repeating: 0xff, count: 8) + [0xc0, 0x0c, 0, 1, 0, 1]
    }
}
