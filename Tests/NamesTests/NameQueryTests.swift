import Testing

@testable import Names

struct NameQueryTests {
    private let question = Written.brazil + [0, 1, 0, 1]

    private func answered(_ bytes: [UInt8]) throws -> [UInt8] {
        try AskedZone().bytes(bytes)
    }

    @Test func `a query is drawn by its type and its name in lower case`() throws {
        let name = Written.name("bR", "FLAGS", "test")
        guard case .query(let query) = AskedZone.reading(Written.query(name, 28)) else {
            Issue.record("it is no query")
            return
        }
        #expect(String(decoding: query.key, as: UTF8.self) == "AAAA br.flags.test")
        #expect(query.question.name.description == "bR.FLAGS.test")
    }

    @Test func `what is too short, or an answer itself, gets none`() throws {
        for count in 0..<12 {
            #expect(try answered(Array(Written.query()[..<count])).isEmpty)
        }
        #expect(try answered(Written.header(0x8180) + question).isEmpty)
        #expect(try answered(Written.header(0x8180, [0, 0, 0, 0])).isEmpty)
    }

    @Test func `another operation is not implemented`() throws {
        for operation: UInt16 in 1...15 {
            let flags = operation << 11 | 0x0100
            #expect(
                try answered(Written.header(flags) + question)
                    == Written.header(0x8104 | operation << 11, [0, 0, 0, 0]))
        }
    }

    @Test func `what is malformed is answered so, with its number alone`() throws {
        let formatError = Written.header(0x8101, [0, 0, 0, 0])
        #expect(try answered(Written.header(0x0100, [0, 0, 0, 0])) == formatError)
        let two = Written.header(0x0100, [2, 0, 0, 0]) + question + question
        #expect(try answered(two) == formatError)
        #expect(try answered(Written.query() + [0]) == formatError)
        #expect(try answered(Array(Written.query().dropLast())) == formatError)
        let record: [UInt8] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 0, 0, 1]
        for counts: [UInt8] in [[1, 1, 0, 0], [1, 0, 1, 0]] {
            let bytes = Written.header(0x0100, counts) + question + record
            #expect(try answered(bytes) == formatError)
        }
        let pointing = Written.header(0x0100) + [0xc0, 12, 0, 1, 0, 1]
        #expect(try answered(pointing) == formatError)
    }

    @Test func `another class, and what is about no records, is refused`() throws {
        let chaos = Written.header(0x0100) + Written.name("version", "bind") + [0, 16, 0, 3]
        #expect(
            try answered(chaos)
                == Written.header(0x8105) + Written.name("version", "bind") + [0, 16, 0, 3])
        for type: UInt8 in [41, 249, 250, 251, 252, 253, 254] {
            let refused = Written.header(0x8105) + Written.brazil + [0, type, 0, 1]
            #expect(try answered(Written.query(Written.brazil, type)) == refused)
        }
    }

    @Test func `OPT is there once, of the root, and of version 0`() throws {
        let options = Written.options(4096, flags: 0x80)
        let two = Written.header(0x0100, [1, 0, 0, 2]) + question + options + options
        let told =
            Written.header(0x8101, [1, 0, 0, 1]) + question + Written.options(1232, flags: 0x80)
        #expect(try answered(two) == told)
        let named = Written.query(options: [1, 0x61] + options)
        #expect(try answered(named) == told)
        let newer = Written.query(options: Written.options(4096, version: 1))
        // BADVERS is 16: a 1 in OPT, and 0 in the header.
        let extended: [UInt8] = [0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0]
        #expect(
            try answered(newer) == Written.header(0x8100, [1, 0, 0, 1]) + question + extended)
    }

    @Test func `OPT has whole options`() throws {
        func code(_ data: [UInt8]) throws -> [UInt8] {
            let options = Array(Written.options(1232)[..<9]) + [0, UInt8(data.count)] + data
            return Array(try answered(Written.query(options: options))[2...3])
        }
        for data: [UInt8] in [
            [], [0, 10, 0, 0], [0, 10, 0, 2, 7, 7], [0, 10, 0, 1, 7, 0, 3, 0, 0],
        ] {
            #expect(try code(data) == [0x85, 0])
        }
        for data: [UInt8] in [[0], [0, 10, 0], [0, 10, 0, 1], [0, 10, 1, 0], [0, 10, 0, 0, 7]] {
            #expect(try code(data) == [0x81, 1])
        }
    }

    @Test func `errors repeat the wish for signatures`() throws {
        let newer = Written.query(options: Written.options(4096, version: 1, flags: 0x80))
        #expect(try Array(answered(newer).suffix(11)) == [0, 0, 41, 4, 0xd0, 1, 0, 0x80, 0, 0, 0])
        let refused = Written.query(
            Written.brazil, 252, options: Written.options(4096, flags: 0x80))
        #expect(try answered(refused).suffix(11) == Written.options(1232, flags: 0x80)[...])
    }

    @Test func `a query has no answers, and 16 other records at most`() throws {
        let record: [UInt8] = [0, 0, 99, 0, 1, 0, 0, 0, 0, 0, 0]
        func flags(_ counts: [UInt8], _ count: Int) throws -> [UInt8] {
            let records = [[UInt8]](repeating: record, count: count).flatMap(\.self)
            return Array(
                try answered(Written.header(0x0100, counts) + question + records)[2...3])
        }
        #expect(try flags([1, 0, 0, 16], 16) == [0x85, 0])
        #expect(try flags([1, 0, 0, 17], 17) == [0x81, 1])
        #expect(try flags([1, 1, 0, 0], 1) == [0x81, 1])
        #expect(try flags([1, 0, 1, 0], 1) == [0x81, 1])
    }

    @Test func `another record beside the question does no harm`() throws {
        let record: [UInt8] = [0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0x61]
        let reply = try answered(Written.query(options: record))
        #expect(reply == (try answered(Written.query())))
    }
}
