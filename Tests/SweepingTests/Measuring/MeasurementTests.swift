import Testing

@testable import Sweeping

struct MeasurementTests {
    private static let numbers = [1, 2, 3, 8, 17, 64, 128]

    @Test(arguments: numbers, [0, 5_000_000, 40_000_000] as [UInt64])
    func `three seconds of DELAY give 2 N, in bursts and evenly`(number: Int, jitter: UInt64) {
        for isEven in [false, true] {
            var loop = ClosedLoop(.delay(jitter: jitter), concurrency: number, isEven: isEven)
            let row = loop.row(budget: 3)
            let wanted = Double(number) / (0.5 + Double(jitter) / 2e9)
            #expect((row.rate.mean / wanted - 1).magnitude < 0.02, "\(row) even: \(isEven)")
            #expect(row.rate.relative < 0.2)
            #expect(row.failureRate == 0 && row.seconds > 1.3)
            #expect((row.meanTime - 0.5 - Double(jitter) / 2e9).magnitude < 0.02)
        }
    }

    @Test(arguments: [4, 8, 9, 12, 16, 32, 100])
    func `a queue of 8 gives 16 at most, however many wait`(number: Int) {
        var loop = ClosedLoop(.queue(limit: 8), concurrency: number)
        let rate = loop.row(budget: 3).rate
        let wanted = Double(min(number, 8)) / 0.5025
        #expect((rate.mean / wanted - 1).magnitude < 0.03, "\(rate)")
    }

    @Test(arguments: [4, 8, 9, 12, 16, 32])
    func `of those refused only the others count for the rate`(number: Int) {
        var loop = ClosedLoop(.refusing(limit: 8), concurrency: number)
        let row = loop.row(budget: 3)
        // Whoever was refused comes up to 20 ms late.
        let range = Double(min(number, 8)) / 0.53...Double(min(number, 8)) / 0.5
        #expect(range.contains(row.rate.mean), "\(row)")
        #expect(row.failures.map(\.kind) == (number > 8 ? ["503"] : []))
    }

    @Test func `nothing counts until as many have ended as are under way`() {
        var measurement = Measurement(concurrency: 3, start: 1000, budget: 60_000_000_000)
        for _ in 0..<2 { measurement.note(at: 2000, latency: 7, failure: "reset") }
        measurement.note(at: 2000, latency: 1000, failure: nil)
        for index in 1...100 as ClosedRange<UInt64> {
            measurement.note(at: 2000 + index * 50_000_000, latency: 150_000_000, failure: nil)
        }
        let row = measurement.row(server: .init(peak: 3, mean: 2.9))
        #expect(row.failures.isEmpty && (row.rate.mean - 20).magnitude < 1e-9)
        #expect((row.meanTime - 0.15).magnitude < 1e-9)
        #expect(row.p50 == 0.15 && row.p95 == 0.15)
        #expect(row.server == .init(peak: 3, mean: 2.9))
        #expect(row.completed == Int((row.seconds * 20).rounded()))
    }

    @Test func `it is finished as soon as the rate is known well, or with its budget`() {
        var measurement = Measurement(concurrency: 1, start: 5, budget: 10_000_000_000)
        var time: UInt64 = 5
        while !measurement.isFinished(at: time) {
            time += 1_000_000
            measurement.note(at: time, latency: 1_000_000, failure: nil)
        }
        #expect(time > 500_000_000 && time < 1_500_000_000, "\(time)")
        #expect(measurement.row(server: nil).rate.relative <= 0.025)

        let silent = Measurement(concurrency: 1, start: 5, budget: 10_000_000_000)
        #expect(!silent.isFinished(at: 0) && !silent.isFinished(at: 10_000_000_004))
        #expect(silent.isFinished(at: 10_000_000_005))
    }

    @Test func `if all fail the rate is 0, and failures are told by kind`() {
        var loop = ClosedLoop(.broken, concurrency: 4)
        let row = loop.row(budget: 1)
        #expect(row.rate.mean == 0 && row.rate.halfWidth > 2.9 && row.rate.halfWidth < 3.1)
        #expect(row.failures.map(\.kind) == ["418"] && row.failureRate == 1)
        #expect(row.p50 == nil && row.p95 == nil)
        #expect(row.meanTime > 0.003 && row.meanTime < 0.004)
    }

    @Test func `if as good as nothing ended, that is said, and nothing traps`() {
        var measurement = Measurement(concurrency: 0, start: .max, budget: 0)
        #expect(measurement.isFinished(at: 0))
        #expect(measurement.row(server: nil).rate == Interval(mean: 0, halfWidth: .infinity))
        for time in [0, .max, 3] as [UInt64] {
            measurement.note(at: time, latency: .max, failure: nil)
            measurement.note(at: time, latency: .max, failure: "reset")
        }
        #expect(measurement.row(server: nil).rate == Interval(mean: 0, halfWidth: .infinity))

        var late = ClosedLoop(.delay(jitter: 5_000_000), concurrency: 10)
        let row = late.row(budget: 1.2)
        #expect((row.rate.mean - 20).magnitude < 0.4 && row.rate.halfWidth == .infinity)
    }

    @Test func `two seconds are enough for an interval`() {
        for number in [1, 8, 32] {
            let servers: [ClosedLoop.Server] = [.delay(jitter: 5_000_000), .queue(limit: 8)]
            for server in servers {
                // Of the four bursts, the first ends the warm-up, or two do; all count.
                var loop = ClosedLoop(server, concurrency: number)
                let row = loop.row(budget: 2.15)
                #expect(row.rate.relative < 0.1, "\(row)")
            }
        }
    }

    @Test func `bins are so long that it takes three rounds to look regular`() {
        var measurement = Measurement(concurrency: 1000, start: 0, budget: 60_000_000_000)
        var time: UInt64 = 0
        while !measurement.isFinished(at: time) {
            time += 1_000_000
            measurement.note(at: time, latency: 1_000_000_000, failure: nil)
        }
        // One second to get warm, and three.
        #expect(time >= 4_000_000_000 && time < 5_500_000_000, "\(time)")
    }

    @Test(arguments: [1, 2, 3, 8, 100])
    func `a time too short for a rate gives none that cannot be`(number: Int) {
        for seed in 1...10 as ClosedRange<UInt64> {
            for isEven in [false, true] {
                var loop = ClosedLoop(
                    .delay(jitter: 500_000_000), concurrency: number, isEven: isEven, seed: seed)
                let row = loop.row(budget: 1.2)
                // None takes less than half a second.
                #expect(row.rate.mean <= 2 * Double(number) || row.rate.halfWidth.isFinite)
                #expect(row.rate.mean > 0 && row.completed > 0)
            }
        }
    }

    @Test func `a hundred thousand a second need no more memory`() {
        var measurement = Measurement(concurrency: 64, start: 0, budget: .max)
        for index in 1...200_000 as ClosedRange<UInt64> {
            measurement.note(at: index * 10_000, latency: 640_000, failure: nil)
        }
        let row = measurement.row(server: nil)
        #expect((row.rate.mean - 100_000).magnitude < 1 && row.rate.relative < 0.001)
        #expect(row.seconds > 1.85 && row.outliers == 0)
    }
}
