@testable import Names

/// Messages of the domain system and names: what is read is written as the same, and what is
/// answered keeps its bounds.
enum FuzzNames {
    private static let faults: [NameFault] = [
        .nameError, .serverFailure, .refused, .truncation, .wrongIdentifier, .wrongQuestion,
        .wrongSource, .canonicalLoop, .slowStream(pause: 1), .manyRecords(count: 40),
        .zeroTimeToLive, .garbage, .noAddress6, .drop,
    ]

    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        try checkMessage(bytes)
        for line in bytes.fuzzLines { try checkText(String(decoding: line, as: UTF8.self)) }
        let entry = ZoneEntry(
            try DomainName("*.x"), addresses4: [[127, 0, 0, 1], [10, 0, 0, 1]],
            addresses6: [[UInt8](repeating: 7, count: 16)])
        let alias = ZoneEntry(try DomainName("c.y"), canonicalName: try DomainName("a.b.x"))
        let zone = try Zone(countries: ["br"], entries: [entry, alias])
        for way: NameWay in [.datagram, .stream] { try checkAnswers(bytes, zone, way) }
    }

    // MARK: Messages

    private static func checkMessage(_ bytes: UnsafeRawBufferPointer) throws {
        guard let message = try taken({ try MessageReader.read(bytes) }) else { return }
        var written: [UInt8] = []
        MessageWriter.append(message, to: &written)
        let again = try written.withUnsafeBytes { try MessageReader.read($0) }
        try hold(
            again.identifier == message.identifier && again.flags == message.flags
                && again.question == message.question && again.answers == message.answers
                && again.authorities == message.authorities
                && again.additionals == message.additionals, "another message is read again")
        var twice: [UInt8] = []
        MessageWriter.append(again, to: &twice)
        try hold(twice == written, "another message is written again")
    }

    private static func checkText(_ text: String) throws {
        guard let name = try taken({ try DomainName(text) }) else { return }
        try hold(try DomainName(name.description).wire == name.wire, "\(name) is another name")
    }

    // MARK: Answers

    private static func checkAnswers(
        _ bytes: UnsafeRawBufferPointer, _ zone: Zone, _ way: NameWay
    ) throws {
        switch NameQuery.read(bytes, over: way) {
        case .nothing: break
        case .mistake(let reply): try checkBytes(reply, bytes.count, way)
        case .query(let query):
            try hold(!query.key.isEmpty, "nothing to draw by")
            var struck = NameReply(to: query, from: zone, over: way)
            try checkBytes(struck, bytes.count, way)
            for fault in faults {
                var reply = NameReply(to: query, from: zone, over: way)
                _ = (reply.strike(fault), struck.strike(fault))
                try checkBytes(reply, bytes.count, way)
                try checkBytes(struck, bytes.count, way)
            }
        }
    }

    private static func checkBytes(_ reply: NameReply, _ asked: Int, _ way: NameWay) throws {
        var (reply, bytes) = (reply, [UInt8]())
        reply.append(to: &bytes)
        if reply.delivery == .never { return try hold(bytes.isEmpty, "it is sent all the same") }
        if way == .stream {
            let count = Int(bytes[0]) << 8 | Int(bytes[1])
            try hold(count == bytes.count - 2, "its length is another one")
            bytes.removeFirst(2)
        } else {
            try hold(bytes.count <= 1232, "\(bytes.count) bytes in a datagram")
            try hold(bytes.count <= 10 * asked, "\(bytes.count) bytes for \(asked)")
        }
        guard !reply.isGarbage else { return }
        _ = try bytes.withUnsafeBytes { try MessageReader.read($0) }
    }
}
