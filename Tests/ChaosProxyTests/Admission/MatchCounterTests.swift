import Faults
import Testing

@testable import ChaosProxy

struct MatchCounterTests {
    private func toxic(
        _ name: String, _ counting: ExchangeRange.Counting, path: String? = nil
    ) -> Toxic {
        var match = Match()
        match.path = path
        return Toxic(
            .noop(Noop()), stream: .upstream, name: name,
            exchanges: ExchangeRange(first: 1, last: 2, counting: counting),
            match: path == nil ? nil : match)
    }

    @Test func `each toxic counts for itself, from 1`() {
        var counter = MatchCounter()
        let (a, b) = (toxic("a", .match), toxic("b", .client))
        #expect((1...3).map { _ in counter.next(for: a, nil) } == [1, 2, 3])
        #expect([5, 5, 7, 5].map { counter.next(for: b, $0) } == [1, 2, 1, 3])
        counter.reset()
        #expect(counter.next(for: a, nil) == 1 && counter.next(for: b, 5) == 1)
    }

    @Test func `a connection is counted once, also after a reset`() {
        var counter = MatchCounter()
        let a = toxic("a", .match)
        #expect([8, 9, 8, 9].map { counter.next(for: a, nil, connection: $0) } == [1, 2, 1, 2])
        counter.reset()
        #expect([9, 10].map { counter.next(for: a, nil, connection: $0) } == [2, 1])
        counter.forget(connection: 9)
        #expect(counter.next(for: a, nil, connection: 9) == 2)
    }

    @Test func `a toxic that stays keeps its count, one with another match does not`() {
        var counter = MatchCounter()
        let kept = toxic("kept", .match, path: "/a")
        let (gone, changed) = (toxic("gone", .client), toxic("changed", .match, path: "/a"))
        for toxic in [kept, gone, changed] { _ = counter.next(for: toxic, nil) }
        let other = toxic("changed", .match, path: "/b")
        counter.keep([other, toxic("kept", .match, path: "/a")])
        #expect(counter.next(for: kept, nil) == 2)
        #expect(counter.next(for: gone, nil) == 1 && counter.next(for: other, nil) == 1)
        counter.keep([toxic("kept", .client, path: "/a")])
        #expect(counter.next(for: kept, nil) == 1)
    }

    @Test func `65536 clients and values are counted and no more`() {
        var counter = MatchCounter()
        let (a, b, all) = (toxic("a", .client), toxic("b", .header), toxic("all", .match))
        for subject in 1...UInt64(MatchCounter.maximumSubjects / 2) {
            #expect(counter.next(for: a, subject) == 1)
            #expect(counter.next(for: b, subject) == 1)
        }
        #expect(counter.next(for: a, 1_000_000) == nil && counter.next(for: b, 0) == nil)
        #expect(counter.next(for: a, 1) == 2 && counter.next(for: all, nil) == 1)
        counter.keep([b])
        #expect(counter.next(for: b, 1_000_000) == 1)
    }
}
