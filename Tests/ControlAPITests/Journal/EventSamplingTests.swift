import Faults
import TestSupport
import Testing

@testable import ControlAPI

struct EventSamplingTests {
    private func instant(_ quarter: Int) -> Instant {
        Instant(nanoseconds: UInt64(quarter) * 250_000_000)
    }

    /// One that has had its first tick.
    private func sampling(_ rate: Int) -> EventSampling {
        var sampling = EventSampling(rate: rate)
        sampling.tick(at: instant(100))
        return sampling
    }

    @Test(arguments: [
        (100, 25, 1), (100, 26, 2), (100, 50, 2), (100, 51, 2), (100, 52, 3), (1000, 100_000, 399),
        (1_000_000, 250_000, 1), (4, 1, 1), (4, 3, 2),
    ])
    func `one in so many is the least that a quarter of a second allows`(
        _ rate: Int, _ matching: UInt64, _ oneIn: UInt64
    ) {
        var sampling = sampling(rate)
        sampling.begin(matching, after: 0, to: matching)
        #expect(sampling.oneIn == oneIn && sampling.stage == .sending)
        let sent = (0..<matching).count { _ in sampling.takes() }
        #expect(sent <= rate / 4)
    }

    @Test func `wherever a round begins, it keeps what is allowed, and no smaller n would`() {
        var generator = TestGenerator(seed: 14)
        for _ in 0..<2000 {
            let rate = 4 + generator.next(below: 400)
            let (start, matching) = (
                UInt64(generator.next(below: 5000)), UInt64(1 + generator.next(below: 3000))
            )
            var round = sampling(rate)
            let allowance = round.allowance
            round.begin(matching, after: start, to: start + matching)
            let chosen = (start + 1...start + matching).filter { _ in round.takes() }
            #expect(chosen == (start + 1...start + matching).filter { $0 % round.oneIn == 0 })
            #expect(chosen.count <= allowance)
            for fewer in 1..<round.oneIn {
                let count = (start + matching) / fewer - start / fewer
                #expect(count > allowance)
            }
        }
    }

    @Test func `what is passed over at once is what would have been passed one by one`() {
        var (one, all) = (sampling(100), sampling(100))
        one.begin(200, after: 7, to: 207)
        all.begin(200, after: 7, to: 207)
        var (left, sent) = (200 as UInt64, 0)
        while left > 0 {
            let skipped = min(all.skipped, left)
            let passed = (0..<skipped).count { _ in one.takes() }
            #expect(passed == 0)
            all.skip(skipped)
            left -= skipped
            guard left > 0 else { break }
            let isSent = [all.takes(), one.takes()]
            #expect(isSent == [true, true])
            (left, sent) = (left - 1, sent + 1)
        }
        #expect(sent == 25)
    }

    @Test func `one record a second is one every fourth tick, and never two at once`() {
        var sampling = EventSampling(rate: 1)
        var sent: [Int] = []
        for quarter in 1...20 {
            sampling.tick(at: instant(quarter))
            guard sampling.stage == .due else { continue }
            #expect(sampling.allowance == 1)
            sampling.begin(1000, after: 0, to: 1000)
            if (0..<1000).count(where: { _ in sampling.takes() }) > 0 { sent.append(quarter) }
            sampling.finish()
        }
        #expect(sent == [4, 8, 12, 16, 20])
    }

    @Test func `what was not used is not saved, and a late tick allows a second at most`() {
        var sampling = sampling(1000)
        for quarter in 101...140 { sampling.tick(at: instant(quarter)) }
        #expect(sampling.allowance == 250)
        sampling.tick(at: instant(400))
        #expect(sampling.allowance == 1000)
        // A clock that goes back allows nothing.
        sampling.tick(at: instant(4))
        #expect(sampling.allowance == 0 && sampling.stage == .waiting)
    }

    @Test func `the word is given where something is left out, and once when nothing is`() {
        var sampling = sampling(100)
        var words: [String?] = []
        sampling.begin(20, after: 0, to: 20)
        words.append(sampling.word(leftOut: 0))
        #expect(!sampling.owesWord)
        sampling.finish()
        sampling.tick(at: instant(101))
        sampling.begin(100, after: 20, to: 120)
        for leftOut: UInt64 in [48, 27, 0] { words.append(sampling.word(leftOut: leftOut)) }
        #expect(sampling.owesWord)
        sampling.finish()
        sampling.tick(at: instant(102))
        sampling.begin(0, after: 120, to: 120)
        for _ in 0..<2 { words.append(sampling.word(leftOut: 0)) }
        #expect(!sampling.owesWord)
        #expect(
            words == [
                nil, #"{"one_in":4,"left_out":48}"#, #"{"one_in":4,"left_out":27}"#, nil,
                #"{"one_in":1,"left_out":0}"#, nil,
            ])
    }
}
