import Testing

@testable import Names

struct MessageReaderTests {
    /// An answer: the header says how many records.
    private func answer(_ records: [UInt8], count: UInt8 = 1) -> [UInt8] {
        Written.header(0x8580, [1, count, 0, 0]) + Written.brazil + [0, 1, 0, 1] + records
    }

    private func problem(_ bytes: [UInt8]) -> MessageError? {
        do throws(MessageError) {
            _ = try Written.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a query has its number, its flags and its question`() throws {
        let message = try Written.read(Written.query())
        #expect(message.identifier == 0x1234)
        #expect(message.flags == .recursionDesired && message.flags.operation == 0)
        let name = try DomainName("BR.flags.TEST.")
        #expect(message.question == NameQuestion(name, .address4))
        #expect(message.question?.name.wire == Written.brazil)
        #expect(message.answers.isEmpty && message.additionals.isEmpty)
    }

    @Test func `a pointer leads to the end of an earlier name`() throws {
        // www is followed by what stands behind br.
        let owner: [UInt8] = [3] + Array("www".utf8) + [0xc0, 15]
        let message = try Written.read(
            answer(owner + [0, 5, 0, 1, 0, 0, 1, 0x2c, 0, 2, 0xc0, 12]))
        let record = try #require(message.answers.first)
        #expect(record.name == (try DomainName("www.flags.test")))
        #expect(record.content == .name(try DomainName("br.flags.test")))
        #expect(record.timeToLive == 300)
    }

    @Test func `an address has the length of its family`() throws {
        let head: [UInt8] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0]
        let message = try Written.read(answer(head + [4, 127, 0, 0, 1]))
        #expect(message.answers.first?.content == .bytes([127, 0, 0, 1]))
        #expect(problem(answer(head + [5, 127, 0, 0, 1, 0])) == .data)
        #expect(problem(answer(head + [3, 127, 0, 0])) == .data)
        var six = head
        six[3] = 28
        #expect(problem(answer(six + [4, 127, 0, 0, 1])) == .data)
        #expect(problem(answer(six + [16] + [UInt8](repeating: 0, count: 16))) == nil)
    }

    @Test func `a name in a record ends where the record does`() {
        let head: [UInt8] = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 30, 0]
        #expect(problem(answer(head + [2, 0xc0, 12])) == nil)
        #expect(problem(answer(head + [3, 0xc0, 12, 0])) == .data)
        #expect(problem(answer(head + [1, 0xc0, 12])) == .data)
    }

    @Test func `a pointer leads backwards, and never into the header`() {
        let rest: [UInt8] = [0, 1, 0, 1]
        // At itself, at what comes, into the header.
        for target: UInt8 in [12, 14, 200, 0, 11] {
            #expect(problem(Written.header(0) + [0xc0, target] + rest) == .pointer)
        }
        // The second name leads into itself behind a label of its own.
        let loop = answer([1, 0x61, 0xc0, 31, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(loop[31] == 1 && problem(loop) == .pointer)
        // Two that lead to each other: the first leads ahead.
        #expect(problem(Written.header(0) + [0xc0, 14, 0xc0, 12] + rest) == .pointer)
    }

    @Test func `a name follows 127 pointers and no more`() {
        /// In one record of a type without a form: the root, and pointers each to the one before.
        func chain(_ count: Int) -> [UInt8] {
            let head: [UInt8] = [0xc0, 12, 0, 99, 0, 1, 0, 0, 0, 0]
            let data = 31 + head.count + 2
            let places = [data] + (0..<count).map { data + 1 + 2 * $0 }
            let pointers = places.prefix(count).flatMap { place in
                [0xc0 | UInt8(place >> 8), UInt8(place & 0xff)]
            }
            let last = places[count]
            let owner = [0xc0 | UInt8(last >> 8), UInt8(last & 0xff)]
            let length = 1 + 2 * count
            let record = head + [UInt8(length >> 8), UInt8(length & 0xff), 0] + pointers
            return answer(
                record + owner + [0, 99, 0, 1, 0, 0, 0, 0, 0, 0], count: 2)
        }
        #expect(Written.brazil.count + 12 + 4 == 31)
        #expect(problem(chain(126)) == nil)
        #expect(problem(chain(127)) == .pointer)
    }

    @Test func `labels of 64 bytes and the other kinds of labels are none`() {
        for length: UInt8 in [64, 0x7f, 0x80, 0xbf] {
            let name = [length] + [UInt8](repeating: 0x61, count: Int(length)) + [0]
            #expect(problem(Written.header(0) + name + [0, 1, 0, 1]) == .label)
        }
    }

    @Test func `a name has 255 bytes and no more, with pointers or without`() {
        let label = [63] + [UInt8](repeating: 0x61, count: 63)
        let longest = label + label + label + [61] + [UInt8](repeating: 0x62, count: 61) + [0]
        #expect(longest.count == 255)
        #expect(problem(Written.header(0) + longest + [0, 1, 0, 1]) == nil)
        let longer = label + label + label + [62] + [UInt8](repeating: 0x62, count: 62) + [0]
        #expect(problem(Written.header(0) + longer + [0, 1, 0, 1]) == .longName)
        let pointing =
            Written.header(0x8000, [1, 1, 0, 0]) + longest + [0, 1, 0, 1]
            + [1, 0x63, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]
        #expect(problem(pointing) == .longName)
    }

    @Test func `what is cut anywhere is short, and what is longer is too much`() {
        let whole = answer([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 127, 0, 0, 1])
        #expect(problem(whole) == nil)
        for count in whole.indices { #expect(problem(Array(whole[..<count])) == .short) }
        #expect(problem(whole + [0]) == .surplus)
    }

    @Test func `two questions are one too many, and none is none`() throws {
        let question = Written.brazil + [0, 1, 0, 1]
        #expect(problem(Written.header(0, [2, 0, 0, 0]) + question + question) == .questions)
        #expect(try Written.read(Written.header(0, [0, 0, 0, 0])).question == nil)
    }

    @Test func `counts of records that are not there cost nothing`() {
        let header: [UInt8] = [0x12, 0x34, 0, 0, 0, 0] + [UInt8](repeating: 0xff, count: 6)
        #expect(problem(header) == .short)
    }
}
