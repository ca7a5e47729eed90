/// What OPT says of the sender of a message (RFC 6891 §6.1).
struct MessageOptions: Sendable {
    /// How large our own answers over UDP may get, in bytes: they fit into one packet everywhere.
    static let ownSize = 1232
    /// What who knows no OPT takes (RFC 1035 §4.2.1), and nobody less (RFC 6891 §6.2.3).
    static let leastSize = 512
    /// Whether signatures are wanted (RFC 3225); an answer repeats it.
    private static let wantsSecurity: UInt32 = 0x8000

    /// Largest answer over UDP that is taken, in bytes, as it was said.
    let size: Int
    let version: UInt8
    private let flags: UInt32

    /// - Returns: nil if there are several, or one is of a name; and no options if there is none.
    static func find(in records: [NameRecord]) -> MessageOptions?? {
        var found: MessageOptions?
        for record in records where record.type == .option {
            guard found == nil, record.name.isRoot else { return nil }
            found = MessageOptions(
                size: Int(record.class),
                version: UInt8(truncatingIfNeeded: record.timeToLive >> 16),
                flags: record.timeToLive & wantsSecurity)
        }
        return .some(found)
    }

    /// OPT of an answer.
    static func record(_ code: ResponseCode, to options: MessageOptions?) -> NameRecord {
        NameRecord(
            .root, .option, class: UInt16(ownSize),
            timeToLive: UInt32(code.rawValue >> 4) << 24 | (options?.flags ?? 0), .bytes([]))
    }
}
