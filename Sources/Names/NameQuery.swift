/// A question that is answered from the zone.
public struct NameQuery: Sendable {
    /// Most records behind a question: there is an OPT, perhaps a signature, and nothing else that
    /// is known.
    static let maximumAdditionals = 16

    let identifier: UInt16
    let flags: MessageFlags
    public let question: NameQuestion
    /// What its sender says of itself; nil if it knows no OPT.
    let options: MessageOptions?
    /// Of its message, in bytes.
    let count: Int

    /// What bytes turn out to be.
    public enum Reading: Sendable {
        case query(NameQuery)
        /// It is answered so, and nothing else is done with it.
        case mistake(NameReply)
        /// Nobody would know what to do with an answer: it is too short to have a number, or an
        /// answer itself.
        case nothing
    }

    public static func read(_ bytes: UnsafeRawBufferPointer, over way: NameWay) -> Reading {
        guard bytes.count >= NameMessage.headerBytes else { return .nothing }
        let identifier = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        let flags = MessageFlags(rawValue: UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
        guard !flags.contains(.response) else { return .nothing }
        let head = NameMessage(identifier, flags)
        guard flags.operation == 0 else {
            return .mistake(NameReply(to: head, .notImplemented, over: way))
        }
        guard hasCountsOfQuery(bytes), let message = try? MessageReader.read(bytes),
            let question = message.question
        else { return .mistake(NameReply(to: head, .formatError, over: way)) }
        let (options, areWell) = MessageOptions.find(in: message.additionals)
        if let code = areWell ? mistake(question, options) : .formatError {
            return .mistake(NameReply(to: message, code, over: way, options: options))
        }
        return .query(
            NameQuery(
                identifier: identifier, flags: flags, question: question, options: options,
                count: bytes.count))
    }

    /// Whether there are no more records than a query can have: no others are worth being read.
    private static func hasCountsOfQuery(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let additionals = Int(bytes[10]) << 8 | Int(bytes[11])
        return bytes[6..<10].allSatisfy { $0 == 0 } && additionals <= maximumAdditionals
    }

    /// What keeps a well-formed message from being answered from the zone.
    private static func mistake(
        _ question: NameQuestion, _ options: MessageOptions?
    ) -> ResponseCode? {
        if let options, options.version > 0 { return .badVersion }
        let isServed = question.class == NameQuestion.internet && !question.type.isMeta
        return isServed ? nil : .refused
    }

    /// `A br.flags.test`, the name in lower case: what faults are drawn by.
    public var key: [UInt8] { Self.key(question.type, question.name) }

    public static func key(_ type: RecordType, _ name: DomainName) -> [UInt8] {
        Array("\(type) ".utf8) + "\(name)".utf8.map(DomainName.folded)
    }
}
