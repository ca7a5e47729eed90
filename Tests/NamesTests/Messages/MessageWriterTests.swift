import Testing

@testable import Names

struct MessageWriterTests {
    private func same(_ message: NameMessage) throws {
        let bytes = Written.bytes(of: message)
        let again = try Written.read(bytes)
        #expect(again.identifier == message.identifier && again.flags == message.flags)
        #expect(again.question == message.question && again.answers == message.answers)
        #expect(again.authorities == message.authorities)
        #expect(again.additionals == message.additionals)
        #expect(Written.bytes(of: again) == bytes)
    }

    @Test func `each name that was there before is a pointer`() throws {
        let (name, other) = (try DomainName("br.flags.test"), try DomainName("www.flags.test"))
        let message = NameMessage(
            1, [.response, .authoritative], NameQuestion(other, .address4),
            answers: [
                NameRecord(other, .canonicalName, timeToLive: 30, .name(name)),
                NameRecord(name, .address4, timeToLive: 30, .bytes([127, 0, 0, 1])),
            ])
        let question = Written.name("www", "flags", "test") + [0, 1, 0, 1]
        let canonical: [UInt8] =
            [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 30, 0, 5] + [2, 0x62, 0x72, 0xc0, 16]
        let address: [UInt8] = [0xc0, 44, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 0, 0, 1]
        let header = Written.header(0x8400, [1, 2, 0, 0], number: 1)
        #expect(Written.bytes(of: message) == header + question + canonical + address)
        try same(message)
    }

    @Test func `what is spelled otherwise is written out, so that its case is kept`() throws {
        let (small, large) = (try DomainName("br.flags.test"), try DomainName("BR.flags.test"))
        let message = NameMessage(
            1, .response, NameQuestion(small, .canonicalName),
            answers: [NameRecord(small, .canonicalName, timeToLive: 0, .name(large))])
        let bytes = Written.bytes(of: message)
        #expect(Array(bytes.suffix(5)) == [2, 0x42, 0x52, 0xc0, 15])
        guard case .name(let read)? = try Written.read(bytes).answers.first?.content else {
            Issue.record("it has no name")
            return
        }
        #expect(read.wire == large.wire)
    }

    @Test func `beyond what a pointer reaches names are written out`() throws {
        let name = try DomainName("a.test")
        let filler = NameRecord(
            .root, RecordType(rawValue: 16), timeToLive: 0,
            .bytes([UInt8](repeating: 7, count: 20_000)))
        let late = NameRecord(name, .address4, timeToLive: 1, .bytes([1, 2, 3, 4]))
        let message = NameMessage(9, .response, nil, answers: [filler, late, late])
        #expect(Written.bytes(of: message).count == 12 + 11 + 20_000 + 2 * (8 + 14))
        try same(message)
    }

    @Test func `an SOA and an OPT are read as they were written`() throws {
        let numbers = NameRecord.Numbers(
            serial: 0xffff_ffff, refresh: 1, retry: 0x1_0000, expire: 3, minimum: 4)
        let authority = NameRecord.Content.authority(
            server: try DomainName("a.test"), mailbox: try DomainName("b.a.test"),
            numbers: numbers)
        try same(
            NameMessage(
                7, .response, NameQuestion(.root, .any),
                authorities: [
                    NameRecord(.root, .startOfAuthority, timeToLive: 30, authority)
                ], additionals: [MessageOptions.record(.badVersion, to: nil)]))
    }

    @Test func `the owner of records is a pointer, whatever was remembered before it`() throws {
        func name(_ letter: String) throws -> DomainName {
            try DomainName([String](repeating: letter, count: 100).joined(separator: "."))
        }
        let (long, other) = (try name("a"), try name("b"))
        let records = (0..<3).map { _ in
            NameRecord(other, .address4, timeToLive: 1, .bytes([1, 1, 1, 1]))
        }
        let message = NameMessage(
            7, .response, NameQuestion(long, .address4),
            answers: [NameRecord(long, .canonicalName, timeToLive: 1, .name(other))] + records)
        let (question, canonical) = (12 + 201 + 4, 2 + 10 + 201)
        #expect(Written.bytes(of: message).count == question + canonical + 3 * 16)
        try same(message)
    }

    @Test func `many names are too many to be remembered, and are written all the same`() throws {
        let names = try (0..<200).map { try DomainName("name\($0).example\($0 % 7).test") }
        let records = names.map { NameRecord($0, .address4, timeToLive: 1, .bytes([1, 1, 1, 1])) }
        try same(NameMessage(7, .response, nil, answers: records + records))
    }
}
