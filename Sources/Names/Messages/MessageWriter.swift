/// Writes messages. A name that has been written before is a pointer to there (RFC 1035 §4.1.4), in
/// its case, so that what is read is what was written.
struct MessageWriter {
    /// Ends of names that are remembered: many more would take long to look through.
    private static let maximumPlaces = 64
    /// With the whole names behind those: one name of many labels must not keep the owner of
    /// thousands of records from being a pointer.
    private static let maximumNames = 2 * maximumPlaces

    private var bytes: [UInt8]
    private let first: Int
    /// Ends of names, as they were written, and where that was.
    private var places: [(suffix: ArraySlice<UInt8>, place: UInt16)] = []

    private init(_ bytes: [UInt8]) {
        (self.bytes, first) = (bytes, bytes.count)
    }

    /// - Parameter bytes: what the message is written behind.
    static func append(_ message: NameMessage, to bytes: inout [UInt8]) {
        var writer = MessageWriter(bytes)
        bytes = []
        writer.write(message)
        bytes = writer.bytes
    }

    private mutating func write(_ message: NameMessage) {
        append(message.identifier)
        append(message.flags.rawValue)
        append(UInt16(message.question == nil ? 0 : 1))
        let sections = [message.answers, message.authorities, message.additionals]
        for section in sections { append(UInt16(clamping: section.count)) }
        if let question = message.question {
            append(question.name)
            append(question.type.rawValue)
            append(question.class)
        }
        for section in sections {
            for record in section { append(record) }
        }
    }

    private mutating func append(_ record: NameRecord) {
        append(record.name)
        append(record.type.rawValue)
        append(record.class)
        append(UInt16(truncatingIfNeeded: record.timeToLive >> 16))
        append(UInt16(truncatingIfNeeded: record.timeToLive))
        let start = bytes.count
        append(UInt16(0))
        switch record.content {
        case .name(let name): append(name)
        case .authority(let server, let mailbox, let numbers):
            append(server)
            append(mailbox)
            append(numbers)
        case .bytes(let data): bytes += data
        }
        let count = UInt16(truncatingIfNeeded: bytes.count - start - 2)
        bytes[start] = UInt8(count >> 8)
        bytes[start + 1] = UInt8(truncatingIfNeeded: count)
    }

    private mutating func append(_ numbers: NameRecord.Numbers) {
        let all = [
            numbers.serial, numbers.refresh, numbers.retry, numbers.expire, numbers.minimum,
        ]
        for number in all {
            append(UInt16(number >> 16))
            append(UInt16(truncatingIfNeeded: number))
        }
    }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    // MARK: Names

    private mutating func append(_ name: DomainName) {
        var rest = name.wire[...]
        while rest.count > 1 {
            if let known = places.first(where: { $0.suffix == rest }) {
                append(0xc000 | known.place)
                return
            }
            remember(rest, isWhole: rest.startIndex == 0)
            let end = rest.startIndex + 1 + Int(rest[rest.startIndex])
            bytes += rest[..<end]
            rest = rest[end...]
        }
        bytes.append(0)
    }

    /// A pointer has 14 bits.
    private mutating func remember(_ suffix: ArraySlice<UInt8>, isWhole: Bool) {
        let place = bytes.count - first
        let most = isWhole ? Self.maximumNames : Self.maximumPlaces
        guard place < 0x4000, places.count < most else { return }
        places.append((suffix, UInt16(place)))
    }
}
