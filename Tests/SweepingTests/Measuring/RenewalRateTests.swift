import Testing

@testable import Sweeping

struct RenewalRateTests {
    private func tally(_ good: Int, at times: [Double]) -> Tally {
        let sum = times.reduce(0, +)
        return Tally(
            time: UInt64((times.max() ?? 0) * 1e9), completed: good, good: good,
            goodTimes: sum * 1e9)
    }

    @Test func `bursts that get wider give the rate of their centres`() {
        let bursts = [[0.9, 1.0, 1.1], [1.8, 2.0, 2.2], [2.7, 3.0, 3.3]]
        var times: [Double] = []
        var rate = RenewalRate()
        for (index, burst) in bursts.enumerated() {
            times += burst
            let edge = tally(times.count, at: times)
            if index == 0 { rate = RenewalRate(first: edge, after: Tally(time: 0)) }
            if index > 0 { rate.note(edge) }
        }
        #expect(rate.batches.bins.count == 2)
        #expect((rate.batches.interval.mean - 3).magnitude < 1e-6)
        #expect(rate.batches.interval.halfWidth < 1e-6)
    }

    @Test func `what came before the first edge need not count`() {
        var rate = RenewalRate(first: tally(2, at: [0.1, 0.2]), after: nil)
        rate.note(tally(3, at: [0.1, 0.2, 1.0]))
        #expect(rate.batches.bins.isEmpty)
        rate.note(tally(4, at: [0.1, 0.2, 1.0, 1.25]))
        #expect((rate.batches.interval.mean - 4).magnitude < 1e-6)
    }
}
