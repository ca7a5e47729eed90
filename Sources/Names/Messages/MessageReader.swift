/// Reads messages, strictly: what is not as RFC 1035 says is refused, and no bytes make it trap,
/// loop, or look at others than these.
struct MessageReader {
    /// Most pointers in a name: it has at most 127 labels, and a pointer is for one of them. With
    /// no bound a name could lead through all of a message.
    static let maximumPointers = 127

    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Reads all of a message.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> NameMessage {
        var reader = MessageReader(bytes)
        return try reader.message()
    }

    private mutating func message() throws(MessageError) -> NameMessage {
        let identifier = try number16()
        let flags = MessageFlags(rawValue: try number16())
        let counts = (try number16(), try number16(), try number16(), try number16())
        guard counts.0 <= 1 else { throw MessageError.questions }
        let question = counts.0 == 1 ? try question() : nil
        let message = NameMessage(
            identifier, flags, question, answers: try records(counts.1),
            authorities: try records(counts.2), additionals: try records(counts.3))
        guard place == bytes.count else { throw MessageError.surplus }
        return message
    }

    private mutating func question() throws(MessageError) -> NameQuestion {
        let name = try name()
        let type = RecordType(rawValue: try number16())
        return NameQuestion(name, type, class: try number16())
    }

    // MARK: Records

    private mutating func records(_ count: UInt16) throws(MessageError) -> [NameRecord] {
        var records: [NameRecord] = []
        for _ in 0..<count { records.append(try record()) }
        return records
    }

    private mutating func record() throws(MessageError) -> NameRecord {
        let name = try name()
        let type = RecordType(rawValue: try number16())
        let `class` = try number16()
        let time = try number32()
        let count = Int(try number16())
        guard count <= bytes.count - place else { throw MessageError.short }
        let end = place + count
        let content = try content(type, end: end)
        guard place == end else { throw MessageError.data }
        return NameRecord(name, type, class: `class`, timeToLive: time, content)
    }

    private mutating func content(
        _ type: RecordType, end: Int
    ) throws(MessageError) -> NameRecord.Content {
        switch type {
        case .canonicalName, .nameServer, .pointer: return .name(try name())
        case .startOfAuthority: return try authority()
        case .address4: return .bytes(try data(4, end: end))
        case .address6: return .bytes(try data(16, end: end))
        default: return .bytes(try data(end - place, end: end))
        }
    }

    private mutating func authority() throws(MessageError) -> NameRecord.Content {
        let (server, mailbox) = (try name(), try name())
        let numbers = NameRecord.Numbers(
            serial: try number32(), refresh: try number32(), retry: try number32(),
            expire: try number32(), minimum: try number32())
        return .authority(server: server, mailbox: mailbox, numbers: numbers)
    }

    private mutating func data(_ count: Int, end: Int) throws(MessageError) -> [UInt8] {
        guard count == end - place else { throw MessageError.data }
        defer { place = end }
        return Array(bytes[place..<end])
    }

    // MARK: Names

    /// Each pointer leads to before all that was read of the name so far (RFC 1035 §4.1.4: to a
    /// prior occurrence).
    private mutating func name() throws(MessageError) -> DomainName {
        var wire: [UInt8] = []
        var (start, next) = (place, place)
        var end: Int?
        var pointers = 0
        while true {
            let length = try byte(at: next)
            if length & 0xc0 == 0xc0 {
                let target = Int(length & 0x3f) << 8 | Int(try byte(at: next + 1))
                pointers += 1
                guard target >= NameMessage.headerBytes, target < start,
                    pointers <= Self.maximumPointers
                else { throw MessageError.pointer }
                if end == nil { end = next + 2 }
                (start, next) = (target, target)
                continue
            }
            guard length <= DomainName.maximumLabel else { throw MessageError.label }
            let after = next + 1 + Int(length)
            guard after <= bytes.count else { throw MessageError.short }
            // The root's byte is still to come.
            let most = DomainName.maximumBytes - (length == 0 ? 0 : 1)
            guard wire.count + after - next <= most else { throw MessageError.longName }
            wire.append(contentsOf: bytes[next..<after])
            next = after
            if length == 0 { break }
        }
        place = end ?? next
        return DomainName(wire: wire)
    }

    private func byte(at place: Int) throws(MessageError) -> UInt8 {
        guard place < bytes.count else { throw MessageError.short }
        return bytes[place]
    }

    // MARK: Numbers

    private mutating func number16() throws(MessageError) -> UInt16 {
        guard place + 2 <= bytes.count else { throw MessageError.short }
        defer { place += 2 }
        return UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }

    private mutating func number32() throws(MessageError) -> UInt32 {
        UInt32(try number16()) << 16 | UInt32(try number16())
    }
}
