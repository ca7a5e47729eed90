import Testing

@testable import flagserver

struct SmoothedRateTests {
    private static let tenth: UInt64 = 100_000_000

    @Test func `Before the first there is none`() {
        var rate = SmoothedRate(start: 0)
        #expect(rate.perSecond == nil)
        rate.note(0, at: 5 * Self.tenth)
        #expect(rate.perSecond == nil)
        rate.note(5, at: 10 * Self.tenth)
        #expect(rate.perSecond.map { (4.5...5.5).contains($0) } == true)
    }

    @Test func `What is steady is told exactly`() throws {
        var rate = SmoothedRate(start: 7)
        for step in 1...500 {
            rate.note(step * 10, at: 7 + UInt64(step) * Self.tenth)
            #expect(abs(try #require(rate.perSecond) - 100) < 1e-9)
        }
    }

    @Test func `Answers that come in batches do not make it jump`() throws {
        // Five at a time, every half second: ten a second.
        var rate = SmoothedRate(start: 0)
        for step in 1...200 {
            rate.note(step / 5 * 5, at: UInt64(step) * Self.tenth)
            guard step > 20 else { continue }
            let range = step > 100 ? 9.3...10.7 : 8.2...10.9
            #expect(range.contains(try #require(rate.perSecond)))
        }
    }

    @Test func `A change is followed, slowly`() throws {
        var rate = SmoothedRate(start: 0)
        for step in 1...100 { rate.note(step, at: UInt64(step) * Self.tenth) }
        var before = try #require(rate.perSecond)
        for step in 1...100 {
            rate.note(100 + step * 10, at: UInt64(100 + step) * Self.tenth)
            let now = try #require(rate.perSecond)
            #expect(now > before && now - before < 4)
            before = now
        }
        #expect(before > 95)
    }

    @Test func `A stall takes it down, and it never rises by nothing`() throws {
        var rate = SmoothedRate(start: 0)
        rate.note(100, at: 10 * Self.tenth)
        var before = try #require(rate.perSecond)
        for step in 11...100 {
            rate.note(100, at: UInt64(step) * Self.tenth)
            let now = try #require(rate.perSecond)
            #expect(now < before)
            before = now
        }
        #expect(before < 5)
    }

    @Test func `What comes while the clock stands still is counted when it goes on`() {
        var (rate, twin) = (SmoothedRate(start: 0), SmoothedRate(start: 0))
        rate.note(10, at: 10 * Self.tenth)
        twin.note(10, at: 10 * Self.tenth)
        for time in [10 * Self.tenth, 10 * Self.tenth - 1] {
            rate.note(30, at: time)
            #expect(rate.perSecond == 10)
        }
        // Nor does a count that goes back take any away.
        for total in [30, 20] {
            rate.note(total, at: UInt64(50 - total) * Self.tenth)
            twin.note(30, at: UInt64(50 - total) * Self.tenth)
            #expect(rate.perSecond == twin.perSecond && rate.perSecond != 10)
        }
    }

    @Test func `A clock or a count that goes back changes nothing`() {
        var rate = SmoothedRate(start: 100)
        rate.note(5, at: 50)
        rate.note(5, at: 100)
        #expect(rate.perSecond == nil)
        rate.note(.max, at: 200)
        rate.note(.min, at: 300)
        #expect(rate.perSecond.map(\.isFinite) == true)
        rate.note(.max, at: .max)
        #expect(rate.perSecond.map { $0 >= 0 && $0.isFinite } ?? true)
    }
}
