import Faults
import Testing

@testable import Sweeping

struct BatchMeansTests {
    private func batches(_ counts: [Int], seconds: Double = 0.1) -> BatchMeans {
        var batches = BatchMeans()
        for count in counts { batches.append(.init(good: Double(count), seconds: seconds)) }
        return batches
    }

    @Test func `without bins, and with one, nothing is sure`() {
        #expect(batches([]).interval == Interval(mean: 0, halfWidth: .infinity))
        #expect(batches([7]).interval == Interval(mean: 70, halfWidth: .infinity))
        #expect(batches([7], seconds: 0).bins.isEmpty)
    }

    @Test func `the interval of independent bins is Student's`() {
        // Mean 12, sum of squares 32, and neighbours have a sum of products of 0.
        let interval = batches([12, 16, 12, 8, 12]).interval
        #expect((interval.mean - 120).magnitude < 1e-9)
        // 2.7764 · √(32 / 4 / 5) / 0.1
        #expect((interval.halfWidth - 35.119).magnitude < 0.001)
    }

    @Test func `bins of another length have their part only`() {
        var batches = BatchMeans()
        for part in [1, 2, 3, 1, 5] {
            batches.append(.init(good: Double(10 * part), seconds: 0.1 * Double(part)))
        }
        #expect((batches.interval.mean - 100).magnitude < 1e-9)
        #expect(batches.interval.halfWidth < 1e-9)
        #expect(batches.outliers == 0)
    }

    @Test func `neighbours that are alike make the interval wider`() {
        let slow = (0..<64).map { $0 / 8 % 2 == 0 ? 9 : 11 }
        let fast = (0..<64).map { $0 * 5 / 3 % 2 == 0 ? 9 : 11 }
        #expect(batches(slow).interval.halfWidth > 1.5 * batches(fast).interval.halfWidth)
    }

    @Test func `intervals hold the true rate in 95 of 100 cases`() {
        var generator = SeededGenerator(seed: 3)
        var (independent, dependent) = (0, 0)
        for _ in 0..<400 {
            var (plain, drifting) = (BatchMeans(), BatchMeans())
            var last = 0.0
            for _ in 0..<64 {
                plain.append(
                    .init(good: (1000 + 50 * generator.normal()).rounded(.down), seconds: 0.1))
                last = 0.6 * last + 50 * generator.normal()
                drifting.append(.init(good: 1000 + last, seconds: 0.1))
            }
            let intervals = (plain.interval, drifting.interval)
            if (intervals.0.mean - 9995).magnitude < intervals.0.halfWidth { independent += 1 }
            if (intervals.1.mean - 10_000).magnitude < intervals.1.halfWidth { dependent += 1 }
        }
        #expect(independent >= 372, "\(independent)")
        #expect(dependent >= 360, "\(dependent)")
    }

    @Test func `a bin far from the others is told`() {
        #expect(batches([100, 101, 99, 100, 60, 102, 100]).outliers == 1)
        #expect(batches([100, 100, 100, 100, 100, 100, 101]).outliers == 0)
        #expect(batches([]).outliers == 0)
    }

    @Test func `a long measurement keeps its mean in few bins`() {
        let long = batches((0..<5000).map { $0 % 2 == 0 ? 9 : 11 })
        #expect(long.bins.count <= BatchMeans.mostBins)
        #expect(long.bins.reduce(0) { $0 + $1.good } == 50_000)
        #expect((long.interval.mean - 100).magnitude < 1e-9)
    }
}
