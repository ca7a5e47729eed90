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

    /// - Returns: the first, nil if there is none; and whether there is no other, and it is of the
    ///   root and has whole options (RFC 6891 §6.1.1 and §6.1.2).
    static func find(in records: [NameRecord]) -> (options: MessageOptions?, areWell: Bool) {
        let all = records.filter { $0.type == .option }
        guard let first = all.first else { return (nil, true) }
        let options = MessageOptions(
            size: Int(first.class), version: UInt8(truncatingIfNeeded: first.timeToLive >> 16),
            flags: first.timeToLive & wantsSecurity)
        return (options, all.count == 1 && first.name.isRoot && areWhole(first.content))
    }

    /// Options of 2 bytes of code, 2 of length, and so many more, up to the end. Which they are is
    /// all the same: none is known.
    private static func areWhole(_ content: NameRecord.Content) -> Bool {
        guard case .bytes(let data) = content else { return false }
        var place = 0
        while place + 4 <= data.count {
            place += 4 + Int(data[place + 2]) << 8 + Int(data[place + 3])
        }
        return place == data.count
    }

    /// OPT of an answer.
    static func record(_ code: ResponseCode, to options: MessageOptions?) -> NameRecord {
        NameRecord(
            .root, .option, class: UInt16(ownSize),
            timeToLive: UInt32(code.rawValue >> 4) << 24 | (options?.flags ?? 0), .bytes([]))
    }
}
