import Testing

@testable import Sweeping

struct TallyTests {
    @Test func `what happened in between is the difference of two`() {
        let earlier = Tally(
            time: 1_000_000_000, completed: 2, good: 1, latency: 4e9, goodTimes: 1e9)
        let later = Tally(time: 3_500_000_000, completed: 6, good: 3, latency: 6e9, goodTimes: 6e9)
        #expect(later.seconds(since: earlier) == 2.5)
        #expect(later.meanTime(since: earlier) == 0.5)
        #expect(later.centre(since: earlier) == 2.5)
    }

    @Test func `where nothing ended nothing is divided by`() {
        let tally = Tally(time: 7, completed: 2, good: 1, latency: 4e9, goodTimes: 1e9)
        #expect(tally.seconds(since: tally) == 0)
        #expect(tally.meanTime(since: tally) == 0)
        #expect(tally.centre(since: tally) == nil)
    }
}
