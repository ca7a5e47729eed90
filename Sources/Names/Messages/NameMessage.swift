/// A message of the domain system (RFC 1035 §4): a question, and records in three sections.
struct NameMessage: Sendable {
    /// Longest message in bytes: over TCP two bytes say how long it is.
    static let maximumBytes = 65_535
    static let headerBytes = 12

    var identifier: UInt16
    var flags: MessageFlags
    /// Of which no program ever sends two.
    var question: NameQuestion?
    var answers: [NameRecord]
    var authorities: [NameRecord]
    var additionals: [NameRecord]

    init(
        _ identifier: UInt16, _ flags: MessageFlags, _ question: NameQuestion? = nil,
        answers: [NameRecord] = [], authorities: [NameRecord] = [],
        additionals: [NameRecord] = []
    ) {
        (self.identifier, self.flags, self.question) = (identifier, flags, question)
        (self.answers, self.authorities) = (answers, authorities)
        self.additionals = additionals
    }
}

/// What is asked: records of a type and a class at a name.
public struct NameQuestion: Equatable, Sendable {
    /// The class of the Internet.
    static let internet: UInt16 = 1

    public internal(set) var name: DomainName
    public let type: RecordType
    let `class`: UInt16

    init(_ name: DomainName, _ type: RecordType, class: UInt16 = Self.internet) {
        (self.name, self.type, self.class) = (name, type, `class`)
    }
}

/// What is said of a name.
struct NameRecord: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        /// Of CNAME, NS and PTR.
        case name(DomainName)
        /// Of SOA (RFC 1035 §3.3.13); the numbers are those behind the two names, in seconds.
        case authority(server: DomainName, mailbox: DomainName, numbers: Numbers)
        /// Of all others, as they stand: 4 of an A, 16 of an AAAA.
        case bytes([UInt8])
    }

    struct Numbers: Equatable, Sendable {
        var serial: UInt32
        var refresh: UInt32
        var retry: UInt32
        var expire: UInt32
        /// How long what is not there may be remembered (RFC 2308 §4).
        var minimum: UInt32
    }

    var name: DomainName
    let type: RecordType
    /// Of OPT how many bytes its sender takes.
    let `class`: UInt16
    /// In seconds; of OPT its flags.
    var timeToLive: UInt32
    let content: Content

    init(
        _ name: DomainName, _ type: RecordType, class: UInt16 = NameQuestion.internet,
        timeToLive: UInt32, _ content: Content
    ) {
        (self.name, self.type, self.class) = (name, type, `class`)
        (self.timeToLive, self.content) = (timeToLive, content)
    }

    /// The same of another name.
    func named(_ name: DomainName) -> NameRecord {
        var record = self
        record.name = name
        return record
    }
}
