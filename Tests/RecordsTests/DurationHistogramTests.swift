import Faults
import TestSupport
import Testing

@testable import Records

struct DurationHistogramTests {
    private func histogram(_ durations: some Sequence<Nanoseconds>) -> DurationHistogram {
        var histogram = DurationHistogram()
        for duration in durations { histogram.add(duration) }
        return histogram
    }

    @Test func `without any there is nothing to be told`() {
        #expect(DurationHistogram().quantile(0.5) == nil)
    }

    @Test(
        arguments: [0, 1, 255, 256, 16_383, 500_000_000, 68_000_000_000_000, .max] as [Nanoseconds])
    func `a single one is told exactly`(duration: Nanoseconds) {
        for share in [0, 0.5, 1] { #expect(histogram([duration]).quantile(share) == duration) }
    }

    @Test func `shares are never less than they were, and at most 1.6 % more`() throws {
        var generator = TestGenerator(seed: 7)
        for _ in 0..<50 {
            let bits = 5 + generator.next(below: 40)
            let durations = (0..<1000).map { _ in generator.next() >> UInt64(64 - bits) }.sorted()
            let found = histogram(durations)
            let shares: [(Double, Int)] = [(0.001, 0), (0.5, 499), (0.95, 949), (1, 999)]
            for (share, index) in shares {
                let (told, exact) = (try #require(found.quantile(share)), durations[index])
                #expect(told >= exact && told - exact <= max(exact / 62, 256))
            }
        }
    }

    @Test func `several shares at once are what each of them is alone`() {
        var generator = TestGenerator(seed: 3)
        let shares = [0, 0.01, 0.5, 0.5, 0.95, 0.99, 1]
        for count in [1, 2, 3, 100, 1000] {
            let durations = (0..<count).map { _ in UInt64(generator.next(below: 1 << 40)) }
            let found = histogram(durations)
            #expect(found.quantiles(shares) == shares.compactMap { found.quantile($0) })
        }
        #expect(DurationHistogram().quantiles(shares) == nil)
        #expect(histogram([7]).quantiles([]) == [])
    }

    @Test func `the sum of two is what both have counted`() {
        let (first, second) = (
            (1...500).map { UInt64($0) << 20 }, (1...500).map { UInt64($0) << 10 }
        )
        var sum = histogram(first)
        sum.add(histogram(second))
        sum.add(DurationHistogram())
        let all = histogram(first + second)
        for share in stride(from: 0, through: 1, by: 0.05) {
            #expect(sum.quantile(share) == all.quantile(share))
        }
    }

    @Test func `counts that are full are halved, and shares stay`() {
        var histogram = histogram([1000, 1_000_000, 1_000_000, 1_000_000])
        // Doubled beyond what a count can hold.
        for _ in 0..<40 { histogram.add(histogram) }
        #expect(histogram.quantile(0.2) == 1023)
        #expect(histogram.quantile(0.3) == 1_000_000)
    }
}
