import Testing

@testable import Faults

struct ProbabilityTests {
    @Test func `a probability lies from 0 to 1`() {
        for fraction in [0, 0.5, 1, Double.leastNonzeroMagnitude, -0.0] {
            #expect(Probability(fraction)?.fraction == fraction)
        }
        let outside = [
            -0.1, 1.1, .nan, .infinity, -.infinity, -Double.leastNonzeroMagnitude, 1.0.nextUp,
        ]
        for fraction in outside { #expect(Probability(fraction) == nil, "\(fraction)") }
    }

    @Test func `0 never hits and 1 always does`() {
        for drawn in [0, 1, 1 << 63, .max - 1, .max] as [UInt64] {
            #expect(!Probability.never.hits(drawn))
            #expect(Probability.always.hits(drawn))
        }
    }

    @Test func `a half splits the numbers in the middle`() throws {
        let half = try #require(Probability(0.5))
        #expect(half.hits((1 << 63) - 1))
        #expect(!half.hits(1 << 63))
        let quarter = try #require(Probability(0.25))
        #expect(quarter.hits((1 << 62) - 1))
        #expect(!quarter.hits(1 << 62))
    }

    @Test func `the largest and smallest fractions hit as often as they say`() throws {
        let almost = try #require(Probability(1.0.nextDown))
        #expect(almost.hits(.max - (1 << 11)))
        #expect(!almost.hits(.max))
        let hardly = try #require(Probability(0x1p-64))
        #expect(hardly.hits(0))
        #expect(!hardly.hits(1))
        let lessThanThat = try #require(Probability(0x1p-65))
        #expect(!lessThanThat.hits(0))
    }

    @Test func `a share is rounded to the nearest whole number`() throws {
        let cases: [(Double, UInt64, UInt64)] = [
            (0, 20, 0), (1, 20, 20), (0.5, 20, 10), (0.25, 20, 5), (0.05, 20, 1), (0.95, 20, 19),
            (0.33, 20, 7), (0.33, 100, 33), (0.12, 20, 2), (0.13, 20, 3), (0.024, 20, 0),
            (0.026, 20, 1), (1, .max, .max), (0.5, 1 << 63, 1 << 62),
        ]
        for (fraction, count, expected) in cases {
            let probability = try #require(Probability(fraction))
            #expect(probability.share(of: count) == expected, "\(fraction) of \(count)")
        }
    }

    @Test(arguments: [(-1.0, false), (2, true), (80, true), (-1e300, false), (1e300, true)])
    func `any number is taken where Toxiproxy's are`(_ number: Double, _ isAlways: Bool) {
        let probability = Probability(anyNumber: number)
        #expect(probability.fraction == number)
        for drawn: UInt64 in [0, 1, .max / 2, .max] {
            #expect(probability.hits(drawn) == isAlways)
        }
    }
}
