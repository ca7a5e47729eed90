import Testing

@testable import Names

struct NameReplyTests {
    private let address: [UInt8] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 0, 0, 1]
    private let question = Written.brazil + [0, 1, 0, 1]

    private func many(_ count: UInt8) throws -> AskedZone {
        try AskedZone([
            ZoneEntry(
                try DomainName("many.test"), addresses4: (0..<count).map { [10, 0, 0, $0] })
        ])
    }

    @Test func `an answer is the question and its records`() throws {
        let zone = try AskedZone()
        // An answer, authoritative, recursion desired and not there.
        #expect(
            zone.bytes(Written.query()) == Written.header(0x8500, [1, 1, 0, 0]) + question + address
        )
        #expect(zone.reply(Written.query())?.result == .noError)
    }

    @Test func `who says OPT gets one, with its wish for signatures`() throws {
        let query = Written.query(options: Written.options(4096, flags: 0x80))
        #expect(
            try AskedZone().bytes(query)
                == Written.header(0x8500, [1, 1, 0, 1]) + question + address
                + Written.options(1232, flags: 0x80))
    }

    @Test func `the name is spelled as it was asked for`() throws {
        let name = Written.name("Br", "fLAGS", "teST")
        #expect(
            try AskedZone().bytes(Written.query(name))
                == Written.header(0x8500, [1, 1, 0, 0]) + name + [0, 1, 0, 1] + address)
    }

    @Test func `what does not exist is told with an SOA`() throws {
        let name = Written.name("no", "flags", "test")
        let query = Written.query(name)
        // flags.test, then its server, and a mailbox before it.
        let authority: [UInt8] =
            [0xc0, 15, 0, 6, 0, 1, 0, 0, 0, 30, 0, 31, 0xc0, 15]
            + [6] + Array("nobody".utf8) + [0xc0, 15]
            + [0, 0, 0, 1, 0, 0, 0x0e, 0x10, 0, 0, 2, 0x58, 0, 1, 0x51, 0x80, 0, 0, 0, 30]
        #expect(
            try AskedZone().bytes(query)
                == Written.header(0x8503, [1, 0, 1, 0]) + name + [0, 1, 0, 1] + authority)
    }

    @Test func `in a stream a message stands behind its length`() throws {
        let zone = try AskedZone()
        let whole = zone.bytes(Written.query())
        #expect(
            zone.bytes(Written.query(), over: .stream) == [0, UInt8(whole.count)] + whole)
    }

    @Test func `what stands before an answer stays, and does not count`() throws {
        let query = Written.query(Written.name("many", "test"))
        let before = [UInt8](repeating: 7, count: 70_000)
        // One that may be whole over UDP, and one that may not.
        for count in [15, 16] as [UInt8] {
            let zone = try many(count)
            for way in [NameWay.datagram, .stream] {
                var reply = try #require(zone.reply(query, over: way))
                var bytes = before
                reply.append(to: &bytes)
                let isKept = bytes.starts(with: before)
                #expect(isKept)
                #expect(Array(bytes.dropFirst(before.count)) == zone.bytes(query, over: way))
            }
        }
    }

    @Test func `a datagram is never more than ten times what was asked with`() throws {
        let name = Written.name("many", "test")
        let query = Written.query(name)
        // 27 bytes of question: 270 of answer, of which 27 are the question again and 16 each.
        #expect(query.count == 27)
        let fits = try many(15).bytes(query)
        #expect(fits.count == 267 && fits[2] == 0x85)
        let cut = try many(16).bytes(query)
        #expect(cut == Written.header(0x8700) + name + [0, 1, 0, 1])
        let whole = try many(16).bytes(query, over: .stream)
        #expect(whole.count == 2 + 27 + 16 * 16 && whole[4] == 0x85)
    }

    @Test func `a datagram is never more than its receiver takes`() throws {
        let label = String(repeating: "a", count: 40)
        let name = Written.name(label, "test")
        let entry = { (count: UInt8) in
            ZoneEntry(
                try DomainName("\(label).test"), addresses4: (0..<count).map { [10, 0, 0, $0] })
        }
        func isCut(_ count: UInt8, _ options: [UInt8] = []) throws -> Bool {
            let query = Written.query(name, options: options)
            return try AskedZone([entry(count)]).bytes(query)[2] & 2 == 2
        }
        // 63 bytes of question and header, 16 for each address: 512 without OPT.
        #expect(try !isCut(28) && isCut(29))
        // 11 for OPT; less than 512 means 512, more than 1232 is not sent, nor ten times 74.
        #expect(try !isCut(27, Written.options(100)) && isCut(28, Written.options(100)))
        #expect(try !isCut(32, Written.options(600)) && isCut(33, Written.options(600)))
        #expect(try !isCut(41, Written.options(4096)) && isCut(42, Written.options(4096)))
    }

    @Test func `never more than 1232, whatever was asked with`() throws {
        let label = String(repeating: "a", count: 63)
        let name = Written.name(label, label, "test")
        let entry = ZoneEntry(
            try DomainName("\(label).\(label).test"),
            addresses6: (0..<64).map { [UInt8](repeating: 1, count: 15) + [$0] })
        let query = Written.query(name, 28, options: Written.options(65_535))
        let cut = try AskedZone([entry]).bytes(query)
        #expect(10 * query.count > 1232 && 64 * 28 > 1232)
        #expect(
            cut == Written.header(0x8700, [1, 0, 0, 1]) + name + [0, 28, 0, 1]
                + Written.options(1232))
    }
}
