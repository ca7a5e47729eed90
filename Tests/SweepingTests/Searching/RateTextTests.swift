import Testing

@testable import Sweeping

struct RateTextTests {
    @Test func `rates have as many digits as people read`() {
        let values = [0.0125, 0.5, 1.04, 104.94, 999.96, 1000.4, 123_456.7]
        #expect(
            values.map { RateText.rate($0) }
                == ["0.013", "0.500", "1.0", "104.9", "1000.0", "1000", "123457"])
    }

    @Test func `the half-width has those of the rate`() {
        let texts = [(104.9, 1.84), (5000, 12.6), (2, .infinity), (0.5, 0)].map {
            RateText.text(Interval(mean: $0, halfWidth: $1), unit: "flags")
        }
        #expect(
            texts == [
                "104.9 ± 1.8 flags/s", "5000 ± 13 flags/s", "about 2.0 flags/s",
                "0.500 ± 0.000 flags/s",
            ])
    }

    @Test func `numbers that are none trap nothing`() {
        #expect(RateText.rate(.nan) == "?" && RateText.rate(.infinity) == "?")
        #expect(RateText.number(-0.04, decimals: 1) == "0.0")
        #expect(RateText.number(-1.26, decimals: 1) == "-1.3")
        #expect(RateText.number(1e300) == "1e+300")
    }
}
