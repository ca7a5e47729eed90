import Testing

@testable import Faults

struct ExchangeRangeTests {
    private func numbers(_ text: String) throws -> [UInt64] {
        let range = try ExchangeRange(text)
        return (0...10).filter { range.contains($0) }
    }

    @Test func `ranges are closed and count from 1`() throws {
        #expect(try numbers("1...2") == [1, 2])
        #expect(try numbers("8...") == [8, 9, 10])
        #expect(try numbers("3") == [3])
        #expect(try numbers("every 4") == [4, 8])
        #expect(try numbers("every 1") == Array(1...10))
        #expect(try numbers("1...") == Array(1...10))
        #expect(try ExchangeRange("5...").contains(.max))
        #expect(try ExchangeRange("1...18446744073709551615").contains(.max))
    }

    @Test func `a range without blanks is understood too`() throws {
        for text in ["every4", "every:4", "every-4"] {
            #expect(try ExchangeRange(text) == ExchangeRange("every 4"))
        }
    }

    @Test(arguments: ["1...2", "5...", "3", "every 4", "7...7000"])
    func `what it says can be given again`(text: String) throws {
        let range = try ExchangeRange(text, counting: .proxy)
        #expect(range.description == text)
        #expect(try ExchangeRange(range.description, counting: .proxy) == range)
        #expect(try ExchangeRange(text) != range)
    }

    @Test func `a range of one is that one`() throws {
        #expect(try ExchangeRange("3...3").description == "3")
        #expect(ExchangeRange(first: 2, last: nil, counting: .target).description == "2...")
    }

    @Test(arguments: [
        "", "2...1", "-1", "+1", "1..2", "1....2", "...2", "1...2...3", "x", "1 ",
        "every", "every 0", "every  4", "every -4", "every 4x", "18446744073709551616", "１",
    ])
    func `anything else is refused with the forms there are`(text: String) {
        let refusal = "exchanges '\(text)' is not a range. Write 1...2, 5..., 3 or every 4."
        #expect(throws: FaultError(refusal)) { try ExchangeRange(text) }
    }

    @Test(arguments: ["0", "0...2", "00", "0..."])
    func `there is no exchange 0`(text: String) {
        let refusal =
            "exchanges '\(text)': they are counted from 1. Write 1...2, 5..., 3 or every 4."
        #expect(throws: FaultError(refusal)) { try ExchangeRange(text) }
    }
}
