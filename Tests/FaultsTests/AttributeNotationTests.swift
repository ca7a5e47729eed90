import Testing

@testable import Faults

struct AttributeNotationTests {
    private func quantity(_ type: FaultType, _ name: String, _ text: String) throws -> Quantity {
        let attribute = try #require(type.attribute(named: name))
        return try attribute.quantity(text)
    }

    private func refused(_ type: FaultType, _ name: String, _ text: String) -> String? {
        #expect(throws: FaultError.self) { try quantity(type, name, text) }?.description
    }

    static let times: [(String, Int64)] = [
        ("200ms", 200_000_000), ("1.5s", 1_500_000_000), ("50us", 50_000), ("2m", 120_000_000_000),
        ("1h", 3_600_000_000_000), ("0", 0), ("0ms", 0), ("7MS", 7_000_000), (".5s", 500_000_000),
        ("0.000001ms", 1), ("0.30000000000000004s", 300_000_000), ("1.1us", 1100),
    ]

    @Test(arguments: times)
    func `a time has a unit`(text: String, expected: Int64) throws {
        #expect(try quantity(Latency.type, "latency", text) == .number(expected))
        #expect(try quantity(Slicer.type, "delay", text) == .number(expected))
    }

    @Test func `what would become another value is refused`() throws {
        for (type, name, text, base) in [
            (Latency.type, "latency", "0.0000004ms", "nanoseconds"),
            (Slicer.type, "delay", "1.0005us", "nanoseconds"),
            (Bandwidth.type, "rate", "0.0005B/s", "thousandths of a byte a second"),
            (Bandwidth.type, "rate", "1.0015B/s", "thousandths of a byte a second"),
            (LimitData.type, "bytes", "0.0001kB", "bytes"),
        ] {
            #expect(
                refused(type, name, text)
                    == "'\(text)' cannot be kept: it is no whole number of \(base).")
        }
        #expect(try quantity(Bandwidth.type, "rate", "1kbit/s") == .number(125_000))
    }

    @Test func `a time without a unit is asked for one`() {
        #expect(
            refused(Latency.type, "latency", "200")
                == "a time needs a unit. Did you mean 200ms, or 200s?")
        #expect(
            refused(Slicer.type, "delay", "10") == "a time needs a unit. Did you mean 10us, or 10s?"
        )
    }

    @Test(arguments: ["", "1.5", "ms", "-1ms", "1 s", "1d", "1e3ms", "５ms", "1..2s", "nan", "none"])
    func `what is no time is refused with a pattern`(text: String) {
        #expect(
            refused(Latency.type, "latency", text)
                == "'\(text)' is not a time. Write 200ms, 1.5s or 50us.")
    }

    @Test func `Retry-After may be none`() throws {
        #expect(try quantity(Respond.type, "retry_after", "none") == .number(0))
        #expect(try quantity(Respond.type, "retry_after", "2s") == .number(2_000_000_000))
    }

    @Test(
        arguments: [
            ("4096", 4096), ("4096B", 4096), ("64kB", 64_000), ("64KB", 64_000),
            ("64KiB", 65_536), ("1MB", 1_000_000), ("1MiB", 1_048_576), ("0", 0), ("1.5kB", 1500),
            ("1GB", 1_000_000_000), ("1.5GiB", 1_610_612_736),
        ] as [(String, Int64)])
    func `a size is bytes or has its unit`(text: String, expected: Int64) throws {
        #expect(try quantity(LimitData.type, "bytes", text) == .number(expected))
    }

    @Test(arguments: ["", "-1", "1TB", "1 kB", "B", "1e3", "0x10", "９", "99999999999999999999999"])
    func `what is no size is refused with a pattern`(text: String) {
        #expect(
            refused(LimitData.type, "bytes", text)
                == "'\(text)' is not a size. Write 4096, 4096B, 64kB, 64KiB or 1MiB.")
    }

    @Test(
        arguments: [
            ("64kB/s", 64_000_000), ("1Mbit/s", 125_000_000), ("8kbit/s", 1_000_000),
            ("500B/s", 500_000), ("0.5B/s", 500), ("1.5kbit/s", 187_500),
            ("1MB/s", 1_000_000_000), ("1KiB/s", 1_024_000), ("1MiB/s", 1_048_576_000), ("0", 0),
            ("1Gbit/s", 125_000_000_000), ("0.5kB/s", 500_000),
        ] as [(String, Int64)])
    func `a rate has a unit`(text: String, expected: Int64) throws {
        #expect(try quantity(Bandwidth.type, "rate", text) == .number(expected))
    }

    @Test func `a rate without a unit is asked for one`() {
        #expect(
            refused(Bandwidth.type, "rate", "64")
                == "a rate needs a unit. Did you mean 64kB/s, or 64kbit/s?")
        for text in ["", "-1kB/s", "64kB", "64 kB/s", "kB/s", "1e3B/s"] {
            #expect(
                refused(Bandwidth.type, "rate", text)
                    == "'\(text)' is not a rate. Write 64kB/s, 1Mbit/s or 500B/s.")
        }
    }

    @Test func `fractions, flags and weights`() throws {
        #expect(try quantity(PacketLoss.type, "loss_rate", "25%") == .fraction(0.25))
        #expect(try quantity(PacketLoss.type, "loss_rate", ".1") == .fraction(0.1))
        #expect(try quantity(Corrupt.type, "inject", "on") == .number(1))
        #expect(try quantity(Corrupt.type, "inject", "False") == .number(0))
        #expect(try quantity(Respond.type, "418", "3") == .number(3))
        #expect(refused(Corrupt.type, "inject", "2") == "'2' is neither 1 nor 0.")
        #expect(refused(Respond.type, "418", "-1") == "'-1' is no whole number.")
        #expect(refused(Respond.type, "418", "") == "'' is no whole number.")
        for text in ["", "%", "2", "101%", "-1", "nan", "1e-3"] {
            #expect(
                refused(PacketLoss.type, "loss_rate", text)
                    == "'\(text)' is not a probability. Write 0.25 or 25%.")
        }
    }
}
