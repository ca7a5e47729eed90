import Faults
import HTTPWire
import Testing

@testable import flagserver

struct OptionValuesTests {
    // MARK: Times

    static let times: [(String, Nanoseconds)] = [
        ("0", 0), ("0.0", 0), ("00", 0), ("0s", 0), ("1", 1_000_000_000), ("007", 7_000_000_000),
        ("0.5", 500_000_000), (".5", 500_000_000), ("500ms", 500_000_000),
        ("0.25ms", 250_000), ("1us", 1000), ("0.5us", 500), ("5s", 5_000_000_000),
        ("5S", 5_000_000_000), ("7MS", 7_000_000), ("2m", 120_000_000_000),
        ("1.5h", 5_400_000_000_000), ("0.000000001", 1), ("0.30000000000000004", 300_000_000),
        ("999999999", 999_999_999_000_000_000),
    ]

    @Test(arguments: times)
    func `a time is seconds or has its unit`(text: String, expected: Nanoseconds) throws {
        #expect(try OptionValues.time(text, option: "--grace") == expected)
    }

    static let noNumbers = [
        " ", "-1", "-0", "+1", "1e3", "1E3", "nan", "inf", "infinity", "0x10", "0b1", "５",
        "٣", "½", "1,5", "1_000", "1.2.3", "one", "1 ", " 1", "1\n", "1\0", "\u{feff}1", "1\u{301}",
    ]
    static let noTimes = [
        "s", "ms", "5 s", "5ss", "5sm", "5x", "5sec", "5s5", "5m30s", "5µs", "5d", "5%", "5s ",
        "s5", "..", "1..", "..1", "0.5..5", "-5ms", "1e3s",
    ]

    @Test(arguments: noNumbers + noTimes)
    func `what is no time is refused with a pattern`(text: String) {
        let error = refusal { try OptionValues.time(text, option: "--grace") }
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--grace \(text) is not a time. Write 0.5 (seconds), 500ms or 2m.")
    }

    @Test(arguments: ["0.0000000004", "0.0000000006", "0.0001us", "0.0000000015"])
    func `what would become another time is refused`(text: String) {
        #expect(
            refusal { try OptionValues.time(text, option: "--grace") }?.description
                == "--grace \(text) cannot be kept: it is no whole number of nanoseconds.")
    }

    @Test func `nothing is no time`() {
        #expect(
            refusal { try OptionValues.time("", option: "--grace") }?.description
                == "--grace needs a time. Write 0.5 (seconds), 500ms or 2m.")
    }

    @Test(arguments: [".", ".s", ".ms"])
    func `a point without a digit is no time`(text: String) {
        #expect(refusal { try OptionValues.time(text, option: "--grace") }?.status == .usage)
    }

    @Test(arguments: [
        "1000000000", "1000000000s", "277778h", "99999999999999999999",
        String(repeating: "9", count: 400), String(repeating: "9", count: 400) + "us",
    ])
    func `a time beyond what nanoseconds hold is too long`(text: String) {
        let error = refusal { try OptionValues.time(text, option: "--retry-after") }
        #expect(error?.status == .usage)
        #expect(error?.description == "--retry-after \(text) is too long a time.")
    }

    // MARK: Delays

    static let delays: [(String, ClosedRange<Nanoseconds>)] = [
        ("0", 0...0), ("0.5", 500_000_000...500_000_000), ("60", 60_000_000_000...60_000_000_000),
        ("1m", 60_000_000_000...60_000_000_000), ("0.5..5", 500_000_000...5_000_000_000),
        ("500ms..5s", 500_000_000...5_000_000_000), ("0..0", 0...0),
        ("5..5000ms", 5_000_000_000...5_000_000_000),
        (".5..1.5", 500_000_000...1_500_000_000), ("0..60", 0...60_000_000_000),
        ("1us..1ms", 1000...1_000_000),
    ]

    @Test(arguments: [
        ("1..", "lacks the longest delay."), ("..5", "lacks the shortest delay."),
        ("..", "lacks the shortest delay."), ("1...5", "has too many points."),
        ("1..2..3", "has too many points."), ("1..5..", "has too many points."),
    ])
    func `half a range is told what it lacks`(text: String, words: String) {
        #expect(
            refusal { try OptionValues.delay(text, option: "--delay") }?.description
                == "--delay \(text) \(words) Write 0.5..5 for a range.")
    }

    @Test(arguments: [("1..x", "x"), ("x..1", "x"), ("1 .. 5", "1 ")])
    func `an end of a range that is no time is named`(text: String, end: String) {
        #expect(
            refusal { try OptionValues.delay(text, option: "--delay") }?.description
                == "--delay \(text): '\(end)' is not a time. Write 0.5..5 for a range.")
    }

    @Test(arguments: ["-1", "1.5", "x", "18446744073709551616", "0x1", "~", ""])
    func `what is no seed`(text: String) {
        #expect(
            refusal { try OptionValues.seed(text) }?.description
                == "write a whole number like 42.")
    }

    @Test func `the largest seed`() throws {
        #expect(try OptionValues.seed("18446744073709551615") == .max)
    }

    @Test(arguments: delays)
    func `a delay is one time or two`(text: String, expected: ClosedRange<Nanoseconds>) throws {
        #expect(try OptionValues.delay(text, option: "--delay") == expected)
    }

    @Test(
        arguments: noNumbers + [
            "..", "1..", "..1", "1..2..3", "1-2", "1..x", "x..1", "1 .. 2", "-1..1", "1..-1",
            "1..1e1",
            "0x1..0x2", "５..６", "1..2s ", "1‥2", "1…2", "....", "..1..",
        ])
    func `what is no delay is refused`(text: String) {
        let error = refusal { try OptionValues.delay(text, option: "--delay") }
        #expect(error?.status == .usage)
        #expect(error?.description.hasPrefix("--delay ") == true)
    }

    @Test(arguments: ["0.5...5", "0...5", "1...", "...1", "..."])
    func `three points are no delay`(text: String) {
        #expect(refusal { try OptionValues.delay(text, option: "--delay") }?.status == .usage)
    }

    @Test(arguments: ["5..1", "0.5..499ms", "1s..999999us"])
    func `the shortest delay comes first`(text: String) {
        let error = refusal { try OptionValues.delay(text, option: "--delay") }
        #expect(error?.description == "--delay \(text): the shortest delay comes first.")
    }

    @Test(arguments: [
        ("500", "500", " Did you mean 500ms?"), ("61", "61", " Did you mean 61ms?"),
        ("60.5", "60.5", " Did you mean 60.5ms?"), ("2m", "120", ""), ("90s", "90", ""),
        ("1h", "3600", ""), ("0.5..500", "500", " Did you mean 500ms?"),
        ("500..1", "500", " Did you mean 500ms?"), ("1..61s", "61", ""),
    ])
    func `a delay over a minute is a forgotten unit`(
        text: String, seconds: String, hint: String
    ) {
        let error = refusal { try OptionValues.delay(text, option: "--delay") }
        #expect(error?.status == .usage)
        #expect(
            error?.description == "--delay \(text) would be \(seconds) s (limit 60 s).\(hint)")
    }

    @Test(arguments: ["60001", "100000", "999999999"])
    func `no milliseconds are proposed that would be too long as well`(text: String) throws {
        let error = try #require(refusal { try OptionValues.delay(text, option: "--delay") })
        #expect(!error.description.contains("Did you mean"))
    }

    // MARK: Probabilities

    @Test(arguments: [
        ("0", 0), ("0.25", 0.25), (".25", 0.25), ("1", 1), ("1.0", 1), ("25%", 0.25),
        ("25 %", 0.25), ("25   %", 0.25), ("0%", 0), ("100%", 1), ("12.5%", 0.125),
        ("0.5%", 0.005), ("7%", 0.07), ("55%", 0.55), ("0.000001", 0.000001),
    ])
    func `a probability is a fraction or percent`(text: String, expected: Double) throws {
        #expect(try OptionValues.probability(text, option: "--error-rate").fraction == expected)
    }

    @Test(
        arguments: noNumbers + [
            "%", " %", "25%%", "% 25", "25 % ", "25‰", "25\t%", "-1%", "1e1%", "5%%", "25s", "1/4",
            "0.2..0.3", "nan%",
        ])
    func `what is no number is no probability`(text: String) {
        let error = refusal { try OptionValues.probability(text, option: "--error-rate") }
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--error-rate \(text) is not a probability. Write 0.25 or 25%.")
    }

    @Test(arguments: [".", ".%"])
    func `a point without a digit is no probability`(text: String) {
        #expect(
            refusal { try OptionValues.probability(text, option: "--error-rate") }?.status
                == .usage)
    }

    @Test(arguments: [
        ("25", "Write 0.25 or 25%."), ("1.5", "Write 0.015 or 1.5%."),
        ("100", "Write 1 or 100%."), ("101", "It lies between 0 and 1, or 0% and 100%."),
        ("101%", "It lies between 0 and 1, or 0% and 100%."),
        ("100.1%", "It lies between 0 and 1, or 0% and 100%."),
        (
            String(repeating: "9", count: 400), "It lies between 0 and 1, or 0% and 100%."
        ),
    ])
    func `a number outside says how it could have been meant`(text: String, hint: String) {
        let error = refusal { try OptionValues.probability(text, option: "--error-rate") }
        #expect(error?.description == "--error-rate \(text) is not a probability. \(hint)")
    }
}
