import Testing

@testable import Sweeping

struct SlotCyclesTests {
    @Test func `places that lie anywhere have the rate of their cycles`() throws {
        var cycles = SlotCycles(places: 8)
        for round in 0..<4 {
            for place in 0..<8 {
                let phase = UInt64(place * place * 7_000_000)
                cycles.note(place, at: phase + UInt64(round) * 500_000_000, isGood: true)
            }
        }
        let rate = try #require(cycles.rate)
        #expect(abs(rate.mean - 16) < 1e-9 && rate.relative == 0.001)
    }

    @Test func `two cycles of each place are needed`() {
        var cycles = SlotCycles(places: 2)
        for now in [0, 10, 20] as [UInt64] { cycles.note(0, at: now, isGood: true) }
        cycles.note(1, at: 0, isGood: true)
        cycles.note(1, at: 10, isGood: true)
        #expect(cycles.rate == nil)
        cycles.note(1, at: 20, isGood: true)
        #expect(cycles.rate != nil)
    }

    @Test func `where cycles differ it is no measure`() {
        var cycles = SlotCycles(places: 1)
        for now in [0, 1, 10, 11, 20, 21] as [UInt64] { cycles.note(0, at: now, isGood: true) }
        #expect(cycles.rate == nil)
    }

    @Test func `failures take their time and bring nothing`() throws {
        var cycles = SlotCycles(places: 1)
        for index in 0..<101 {
            cycles.note(0, at: UInt64(index) * 10_000_000, isGood: index % 4 != 0)
        }
        let rate = try #require(cycles.rate)
        #expect(abs(rate.mean - 75) < 1e-9 && rate.relative > 0.05)
    }

    @Test func `nothing outside is noted, and nothing traps`() {
        var cycles = SlotCycles(places: 1)
        cycles.note(5, at: 1, isGood: true)
        cycles.note(-1, at: 1, isGood: true)
        for _ in 0..<3 { cycles.note(0, at: 7, isGood: true) }
        #expect(cycles.rate == nil)
        cycles.note(0, at: 3, isGood: true)
        #expect(SlotCycles(places: 0).rate == nil)
    }

    @Test func `a few values have the interval of Student`() {
        #expect(Interval(of: []) == Interval(mean: 0, halfWidth: .infinity))
        #expect(Interval(of: [3]) == Interval(mean: 3, halfWidth: .infinity))
        let interval = Interval(of: [1, 2, 3])
        #expect(interval.mean == 2 && abs(interval.halfWidth - 2.48415) < 1e-4)
    }
}
