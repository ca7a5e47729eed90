import Testing

@testable import Faults

struct NotationTests {
    @Test(
        arguments: [
            (0, "0"), (0.5, "0.5"), (500, "500"), (1, "1"), (0.015, "0.015"),
            (7.000000000000001, "7"),
            (0.1 + 0.2, "0.3"), (100 / 3.0, "33.333333"), (1e14, "100000000000000"),
        ] as [(Double, String)])
    func `a number is written as short as people would`(value: Double, text: String) {
        #expect(Notation.shortest(value) == text)
    }

    @Test func `no number is too large to be written`() {
        for value in [1e300, Double.greatestFiniteMagnitude, .infinity] {
            #expect(!Notation.shortest(value).isEmpty)
        }
    }

    @Test(
        arguments: [
            (0, "0 s"), (1000, "0.001 ms"), (250_000, "0.25 ms"), (20_000_000, "20 ms"),
            (99_000_000, "99 ms"), (99_999_999, "99.999 ms"), (100_000_000, "0.1 s"),
            (500_000_000, "0.5 s"), (60_000_000_000, "60 s"), (3_600_000_000_000, "3600 s"),
        ] as [(Nanoseconds, String)])
    func `a time is written in the unit that fits`(time: Nanoseconds, text: String) {
        #expect(Notation.readable(time) == text)
    }
}
