import Testing

@testable import Sweeping

struct FailureTallyTests {
    @Test func `the most frequent comes first, and of equals the first of the alphabet`() {
        var tally = FailureTally()
        for kind in ["reset", "503", "418", "503"] { tally.note(kind) }
        #expect(tally.sorted.map(\.kind) == ["503", "418", "reset"])
        #expect(tally.sorted.map(\.count) == [2, 1, 1])
    }

    @Test func `kinds without end are counted as others, when tallies are merged, too`() {
        var (tally, more) = (FailureTally(), FailureTally())
        for number in 0..<100 { tally.note("kind \(number)") }
        for number in 100..<200 { more.note("kind \(number)") }
        tally.merge(more)
        #expect(tally.sorted.count == 33 && tally.sorted[0] == ("other", 168))
        #expect(tally.sorted.reduce(0) { $0 + $1.count } == 200)
    }
}
