import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

struct AttemptCounterTests {
    @Test func `attempts are counted from 1 for each target`() {
        var counter = AttemptCounter()
        #expect([5, 5, 7, 5, 7].map { counter.next($0) } == [1, 2, 1, 3, 2])
    }

    @Test func `a known target begins at 1 too`() {
        var counter = AttemptCounter()
        counter.register([5])
        #expect(counter.next(5) == 1)
        #expect(counter.next(5) == 2)
    }

    @Test func `registering a target does not forget its attempts, a reset does`() {
        var counter = AttemptCounter()
        _ = counter.next(5)
        counter.register([5])
        #expect(counter.next(5) == 2)
        counter.reset()
        #expect(counter.next(5) == 1)
    }

    @Test func `65536 unknown targets are counted and no more`() {
        var counter = AttemptCounter()
        for target in 0..<UInt64(AttemptCounter.unknownTargets) {
            #expect(counter.next(target) == 1)
        }
        #expect(counter.next(1_000_000) == nil)
        #expect(counter.next(1_000_001) == nil)
        #expect(counter.next(0) == 2)
        #expect(counter.next(65_535) == 2)
    }

    @Test func `known targets take no place from unknown ones and always have theirs`() {
        var counter = AttemptCounter()
        counter.register(Set((0..<UInt64(300)).map { 1 << 40 + $0 }))
        for target in 0..<UInt64(AttemptCounter.unknownTargets) { _ = counter.next(target) }
        #expect(counter.next(1_000_000) == nil)
        #expect(counter.next(1 << 40 + 7) == 1)
        counter.register([7])
        #expect(counter.next(1_000_000) == nil, "a former known one has taken 7's place")
        counter.register([1 << 41])
        #expect(counter.next(1 << 41) == 1)
        #expect(counter.next(1_000_000) == nil)
        counter.reset()
        #expect(counter.next(1_000_000) == 1)
    }

    @Test func `beyond the limit the attempt is unknown, drawn as 1, and told once`() {
        let client = SessionHarness([.latency(0)])
        for number in 0..<AttemptCounter.unknownTargets {
            let target = Array("/\(number)".utf8)
            _ = target.withUnsafeBytes { client.proxy.exchange(for: $0) }
        }
        #expect(client.warnings.isEmpty)
        client.get("/new", "/new", "/newer", "/5")
        #expect(client.records.map(\.attempt) == [nil, nil, nil, 2])
        #expect(client.warnings.count == 1)
        let plan = client.proxy.plan
        let hash = SeededGenerator.hash("/new".utf8)
        let first = plan.draw(DrawKey(target: hash, attempt: 1, number: 1)).map(\.effect)
        #expect(client.records[1].faults.map(\.effect) == first)
    }
}
