import Testing

@testable import Names

/// Each by its bytes.
struct NameFaultTests {
    private let zone: AskedZone
    private let question = Written.brazil + [0, 1, 0, 1]
    private let address: [UInt8] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 0, 0, 1]
    private var honest: [UInt8] { Written.header(0x8500, [1, 1, 0, 0]) + question + address }

    init() throws {
        zone = try AskedZone()
    }

    /// What comes of an answer, and whether the fault says that it acted.
    private func strike(
        _ fault: NameFault, _ query: [UInt8] = Written.query(), over way: NameWay = .datagram
    ) throws -> (reply: NameReply, bytes: [UInt8], acted: Bool) {
        var reply = try #require(zone.reply(query, over: way))
        let acted = reply.strike(fault)
        var bytes: [UInt8] = []
        reply.append(to: &bytes)
        return (reply, bytes, acted)
    }

    @Test func `errors have no records`() throws {
        let codes: [(NameFault, UInt16, ResponseCode)] = [
            (.nameError, 3, .nameError), (.serverFailure, 2, .serverFailure),
            (.refused, 5, .refused),
        ]
        for (fault, code, result) in codes {
            let struck = try strike(fault)
            #expect(struck.bytes == Written.header(0x8500 | code) + question)
            #expect(struck.acted && struck.reply.result == result)
        }
    }

    @Test func `an error keeps OPT`() throws {
        let query = Written.query(options: Written.options(1232))
        #expect(
            try strike(.serverFailure, query).bytes
                == Written.header(0x8502, [1, 0, 0, 1]) + question + Written.options(1232))
    }

    @Test func `what is dropped is never sent`() throws {
        for way: NameWay in [.datagram, .stream] {
            let struck = try strike(.drop, over: way)
            #expect(struck.bytes.isEmpty && struck.acted)
            #expect(struck.reply.delivery == .never && struck.reply.result == nil)
        }
    }

    @Test func `a truncation is for datagrams alone`() throws {
        let struck = try strike(.truncation)
        #expect(struck.bytes == Written.header(0x8700) + question && struck.acted)
        let stream = try strike(.truncation, over: .stream)
        #expect(stream.bytes == [0, UInt8(honest.count)] + honest && !stream.acted)
    }

    @Test func `a wrong number is the next one`() throws {
        var expected = honest
        expected[1] = 0x35
        #expect(try strike(.wrongIdentifier).bytes == expected)
        var last = Written.query()
        (last[0], last[1]) = (0xff, 0xff)
        #expect(try Array(strike(.wrongIdentifier, last).bytes[..<2]) == [0, 0])
    }

    @Test func `a wrong question has the records of the right one`() throws {
        let wrong = Written.name("wrong", "invalid") + [0, 1, 0, 1]
        let struck = try strike(.wrongQuestion)
        #expect(struck.bytes == Written.header(0x8500, [1, 1, 0, 0]) + wrong + address)
        #expect(struck.acted)
    }

    @Test func `from elsewhere comes the honest answer, but not in a stream`() throws {
        let struck = try strike(.wrongSource)
        #expect(struck.bytes == honest && struck.reply.delivery == .fromElsewhere && struck.acted)
        let stream = try strike(.wrongSource, over: .stream)
        #expect(stream.reply.delivery == .now && !stream.acted)
    }

    @Test func `a loop leads from the name to another and back`() throws {
        let there: [UInt8] =
            [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 30, 0, 14] + Written.name("loop", "invalid")
        let back: [UInt8] = [0xc0, 43, 0, 5, 0, 1, 0, 0, 0, 30, 0, 2, 0xc0, 12]
        let struck = try strike(.canonicalLoop)
        #expect(struck.bytes == Written.header(0x8500, [1, 2, 0, 0]) + question + there + back)
        // Of a name that is not there, too.
        let lost = Written.query(Written.name("no", "flags", "test"))
        #expect(try strike(.canonicalLoop, lost).reply.result == .noError)
    }

    @Test func `of both families one is never answered`() throws {
        let four = try strike(.noAddress6)
        #expect(four.bytes == honest && !four.acted)
        let six = try strike(.noAddress6, Written.query(Written.brazil, 28))
        #expect(six.bytes.isEmpty && six.acted && six.reply.delivery == .never)
    }

    @Test func `what is slow in a stream is truncated before`() throws {
        let fault = NameFault.slowStream(pause: 50)
        let struck = try strike(fault)
        #expect(struck.bytes == Written.header(0x8700) + question && struck.acted)
        let stream = try strike(fault, over: .stream)
        #expect(stream.bytes == [0, UInt8(honest.count)] + honest)
        #expect(stream.reply.delivery == .slowly(pause: 50))
    }

    @Test func `many records come behind the honest ones`() throws {
        let more: [UInt8] = (0..<2).flatMap { number in
            [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 1, 0, number]
        }
        #expect(
            try strike(.manyRecords(count: 2)).bytes
                == Written.header(0x8500, [1, 3, 0, 0]) + question + address + more)
        let six = try strike(.manyRecords(count: 1), Written.query(Written.brazil, 28)).bytes
        #expect(Array(six.suffix(16)) == [1] + [UInt8](repeating: 0, count: 15))
        let lost = Written.query(Written.name("no", "flags", "test"))
        #expect(try !strike(.manyRecords(count: 2), lost).acted)
        #expect(try !strike(.manyRecords(count: 0)).acted)
    }

    @Test func `the most records fit into a stream, and into no datagram`() throws {
        for type: UInt8 in [1, 28] {
            let query = Written.query(Written.brazil, type)
            let whole = try strike(.manyRecords(count: .max), query, over: .stream).bytes
            let each = type == 1 ? 16 : 28
            #expect(whole.count == 2 + query.count + (NameFault.maximumRecords + 1) * each)
            #expect(Int(whole[0]) << 8 | Int(whole[1]) == whole.count - 2 && whole[4] == 0x85)
            let datagram = try strike(.manyRecords(count: .max), query).bytes
            #expect(datagram.count == query.count && datagram[2] == 0x87)
        }
    }

    @Test func `nothing may be remembered`() throws {
        var expected = honest
        expected[honest.count - 7] = 0
        #expect(try strike(.zeroTimeToLive).bytes == expected)
        let lost = Written.query(Written.name("no", "flags", "test"))
        let bytes = try strike(.zeroTimeToLive, lost).bytes
        #expect(try Written.read(bytes).authorities.first?.timeToLive == 0)
        var reply = try #require(zone.reply(Written.query()))
        _ = reply.strike(.serverFailure)
        let acted = reply.strike(.zeroTimeToLive)
        #expect(!acted)
    }

    @Test func `garbage has the number, and is no message`() throws {
        let garbage: [UInt8] =
            [0x12, 0x34, 0x84, 0] + [UInt8](repeating: 0xff, count: 8) + [0xc0, 12, 0, 1, 0, 1]
        let struck = try strike(.garbage)
        #expect(struck.bytes == garbage && struck.reply.result == nil)
        #expect(throws: MessageError.questions) { try Written.read(garbage) }
        #expect(try strike(.garbage, over: .stream).bytes == [0, 18] + garbage)
    }

    @Test func `what is asked for is never what it leads to`() throws {
        let (wrong, loop) = (Written.name("wrong", "invalid"), Written.name("Loop", "invalid"))
        let renamed = try Written.read(strike(.wrongQuestion, Written.query(wrong)).bytes)
        #expect(renamed.question?.name == (try DomainName("other.invalid")))
        let circle = try Written.read(strike(.canonicalLoop, Written.query(loop)).bytes)
        let (asked, other) = (try DomainName("loop.invalid"), try DomainName("other.invalid"))
        #expect(circle.answers.map(\.name) == [asked, other])
        #expect(circle.answers.map(\.content) == [.name(other), .name(asked)])
    }

    @Test func `a truncation has no records, and an error is none, in any order`() throws {
        let truncated = Written.header(0x8700) + question
        let failed = Written.header(0x8502) + question
        for cut: NameFault in [.truncation, .slowStream(pause: 1)] {
            let others: [(NameFault, [UInt8])] = [
                (.canonicalLoop, truncated), (.manyRecords(count: 3), truncated),
                (.zeroTimeToLive, truncated), (.serverFailure, failed),
            ]
            for (other, expected) in others {
                #expect(zone.bytes(Written.query(), cut, other) == expected, "\(other)")
                #expect(zone.bytes(Written.query(), other, cut) == expected, "\(other)")
            }
        }
    }

    @Test func `in a stream what is too long has fewer records`() throws {
        let query = Written.query(Written.brazil, 28)
        let many = NameFault.manyRecords(count: .max)
        let bytes = zone.bytes(query, many, many, over: .stream)
        #expect(bytes.count <= 2 + 65_535 && bytes[4] == 0x85)
        let records = try Written.read(Array(bytes[2...])).answers.count
        #expect(records > NameFault.maximumRecords)
    }

    @Test func `the most records of the longest name fit into a stream`() throws {
        let long = [String](repeating: "a", count: 126).joined(separator: ".")
        let end = [String](repeating: "b", count: 126).joined(separator: ".")
        let six = (0..<64).map { [UInt8](repeating: 1, count: 15) + [$0] }
        let asked = try AskedZone([
            ZoneEntry(try DomainName(long), canonicalName: try DomainName(end)),
            ZoneEntry(try DomainName(end), addresses6: six),
        ])
        let query = Written.query(try DomainName(long).wire, 28)
        let bytes = asked.bytes(query, .manyRecords(count: .max), over: .stream)
        let records = try Written.read(Array(bytes[2...])).answers.count
        #expect(records == 1 + 64 + NameFault.maximumRecords && bytes[4] == 0x85)
    }

    @Test func `several do what each does`() throws {
        let bytes = zone.bytes(Written.query(), .nameError, .wrongIdentifier)
        var expected = Written.header(0x8503) + question
        expected[1] = 0x35
        #expect(bytes == expected)
        #expect(zone.bytes(Written.query(), .garbage, .drop).isEmpty)
    }
}
