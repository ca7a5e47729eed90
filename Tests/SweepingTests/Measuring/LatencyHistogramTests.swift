import Faults
import Testing

@testable import Sweeping

struct LatencyHistogramTests {
    private func histogram(_ times: some Sequence<UInt64>) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for time in times { histogram.note(time) }
        return histogram
    }

    @Test func `without any there is nothing to be told`() {
        let empty = LatencyHistogram()
        #expect(empty.percentile(50) == nil && empty.mean == nil)
        #expect(empty.count == 0 && empty.max == 0)
    }

    @Test(arguments: [0, 1, 2047, 2048, 500_000_000, 3_600_000_000_000] as [UInt64])
    func `a single one is told exactly`(time: UInt64) {
        let single = histogram([time])
        for percent in [0, 50, 100] as [Double] { #expect(single.percentile(percent) == time) }
        #expect(single.mean == Double(time) && single.max == time && single.count == 1)
    }

    @Test func `each of a hundred is told to three digits, and never as less than it was`() throws {
        var generator = SeededGenerator(seed: 7)
        for bits in 5..<42 {
            let times = (0..<100).map { _ in min(generator.next() >> (64 - bits), 3_599 << 30) }
            let (found, sorted) = (histogram(times), times.sorted())
            for percent in [1, 50, 95, 99, 100] {
                let told = try #require(found.percentile(Double(percent)))
                let exact = sorted[percent - 1]
                #expect(told >= exact && told - exact <= exact / 1000)
            }
        }
    }

    @Test func `what takes longer than an hour took an hour`() {
        let found = histogram([.max, 1])
        #expect(found.percentile(100) == LatencyHistogram.longest)
        #expect(found.max == LatencyHistogram.longest && found.count == 2)
    }

    @Test func `percents that make no sense trap nothing`() {
        let found = histogram([10, 20, 30])
        #expect(found.percentile(.nan) == 10 && found.percentile(-1) == 10)
        #expect(found.percentile(.infinity) == 30 && found.percentile(1000) == 30)
    }

    @Test func `two merged tell what one with all of them tells`() {
        let (short, long) = ((1...500).map { UInt64($0) << 8 }, (1...500).map { UInt64($0) << 20 })
        for (first, second) in [(short, long), (long, short), (short, []), ([], long)] {
            var sum = histogram(first)
            sum.merge(histogram(second))
            let all = histogram(first + second)
            for percent in stride(from: 0.0, through: 100, by: 5) {
                #expect(sum.percentile(percent) == all.percentile(percent))
            }
            #expect(sum.mean == all.mean && sum.max == all.max && sum.count == all.count)
        }
    }
}
