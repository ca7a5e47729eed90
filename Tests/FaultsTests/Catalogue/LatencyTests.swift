import HTTPWire
import Testing

@testable import Faults

struct LatencyTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `bytes leave exactly the delay after they came`() {
        var stage = LatencyStage(500)
        #expect(stage.receive("a", at: 1000) == [])
        #expect(stage.deadline == at(1500))
        #expect(stage.wake(at: 1499) == [])
        #expect(stage.deadline == at(1500))
        #expect(stage.wake(at: 1500) == ["a"])
        #expect(stage.deadline == nil)
    }

    @Test func `a prepared response leaves exactly the delay after it came`() {
        var stage = LatencyStage(7)
        var actions = Actions()
        let response = PreparedResponse(200, fields: [], body: Bytes("x"))
        stage.receive(.prepared(response), at: at(3), into: &actions)
        #expect(actions.forwarded.isEmpty)
        stage.wake(at: at(10), into: &actions)
        guard case .prepared(let left) = actions.forwarded.first else {
            Issue.record("not the response")
            return
        }
        let isSame = left === response  // #expect with === crashes the compiler (6.3.1)
        #expect(isSame)
    }

    @Test func `delays of flows that follow each other overlap`() {
        var stage = LatencyStage(100)
        for (index, text) in ["a", "b", "c"].enumerated() {
            #expect(stage.receive(text, at: UInt64(index)) == [])
        }
        #expect(stage.deadline == at(100))
        #expect(stage.wake(at: 100) == ["a"])
        #expect(stage.deadline == at(101))
        #expect(stage.wake(at: 102) == ["b", "c"])
        #expect(stage.deadline == nil)
    }

    @Test func `a late wake-up lets out everything that is due, in order`() {
        var stage = LatencyStage(10)
        for index in 0..<20 { _ = stage.receive("\(index)", at: UInt64(index)) }
        #expect(stage.wake(at: 15) == (0...5).map(String.init))
        #expect(stage.wake(at: 1000) == (6..<20).map(String.init))
    }

    @Test func `the end waits only for bytes it holds`() {
        var stage = LatencyStage(100)
        #expect(stage.receive("a", at: 0) == [])
        #expect(stage.receiveEnd(at: 60) == [])
        #expect(stage.wake(at: 99) == [])
        #expect(stage.wake(at: 100) == ["a", "end"])
    }

    @Test func `the end passes at once when nothing is held`() {
        var stage = LatencyStage(100)
        #expect(stage.receiveEnd(at: 5) == ["end"])
        #expect(stage.deadline == nil)
        var other = LatencyStage(100)
        _ = other.receive("a", at: 0)
        #expect(other.wake(at: 100) == ["a"])
        #expect(other.receiveEnd(at: 100) == ["end"])
    }

    @Test func `a delay of nothing holds nothing`() {
        var stage = LatencyStage(0)
        #expect(stage.receive("a", at: 5) == ["a"])
        #expect(stage.receive("b", at: 5) == ["b"])
        #expect(stage.receiveEnd(at: 5) == ["end"])
        #expect(stage.deadline == nil)
    }

    @Test func `a delay beyond the end of time never ends`() {
        var stage = LatencyStage(.max)
        _ = stage.receive("a", at: 1)
        #expect(stage.deadline == at(.max))
        #expect(stage.wake(at: .max - 1) == [])
    }

    @Test func `a clock that goes back does not change the order`() {
        var stage = LatencyStage(10)
        _ = stage.receive("a", at: 100)
        _ = stage.receive("b", at: 50)
        #expect(stage.deadline == at(110))
        #expect(stage.wake(at: 109) == [])
        #expect(stage.wake(at: 110) == ["a", "b"])
    }

    @Test func `boundaries and cuts wait only for what is before them`() {
        var stage = LatencyStage(100)
        #expect(stage.receive(.boundary, at: 0) == ["boundary"])
        #expect(stage.receive("a", at: 0) == [])
        #expect(stage.receive(.boundary, at: 10) == [])
        #expect(stage.receive("b", at: 20) == [])
        #expect(stage.receive(.cut(.rst), at: 30) == [])
        #expect(
            stage.run() == [
                Departure(100, "a"), Departure(100, "boundary"), Departure(120, "b"),
                Departure(120, "rst"),
            ])
    }

    @Test func `each flow keeps its own mark`() {
        var stage = LatencyStage(100)
        for (index, flow) in [.boundary, .end, .boundary].enumerated() as EnumeratedSequence<[Flow]>
        {
            _ = stage.receive("\(index)", at: UInt64(index))
            #expect(stage.receive(flow, at: UInt64(index)) == [])
            #expect(stage.receive(.boundary, at: UInt64(index)) == [])
        }
        #expect(stage.heldBytes == 3 + 9 * 128)
        #expect(stage.wake(at: 100) == ["0", "boundary", "boundary"])
        #expect(stage.wake(at: 102) == ["1", "end", "boundary", "2", "boundary", "boundary"])
    }

    @Test func `jitter of a connection is drawn for each flow and keeps the order`() {
        var stage = LatencyStage(Latency(latency: 100, jitter: 50), seed: 3)
        var (times, departures) = (Set<UInt64>(), [Departure]())
        for index in 0..<2000 {
            let now = UInt64(index) * 1000
            _ = stage.receive("\(index)", at: now)
            let left = stage.run(until: now + 999)
            times.formUnion(left.map { $0.time - now })
            departures += left
        }
        #expect(departures.map(\.text) == (0..<2000).map(String.init))
        #expect(times == Set(50...150))
        var close = LatencyStage(Latency(latency: 100, jitter: 50), seed: 3)
        for index in 0..<2000 { _ = close.receive("\(index)", at: 0) }
        #expect(close.run().map(\.text) == (0..<2000).map(String.init))
    }

    @Test func `removed, it lets everything go in order`() {
        var stage = LatencyStage(100)
        for index in 0..<5 { _ = stage.receive("\(index)", at: 0) }
        _ = stage.receiveEnd(at: 0)
        #expect(stage.heldBytes == 5 + 6 * 128)
        #expect(stage.release(at: 1) == ["0", "1", "2", "3", "4", "end"])
        #expect(stage.heldBytes == 0)
        #expect(stage.deadline == nil)
    }

    @Test func `another delay holds for what comes from now on, never before what is held`() {
        var stage = LatencyStage(100)
        _ = stage.receive("a", at: 0)
        _ = stage.update(Latency(latency: 10, jitter: 0), seed: 0)
        _ = stage.receive("b", at: 1)
        #expect(stage.run() == [Departure(100, "a"), Departure(100, "b")])
        _ = stage.receive("c", at: 200)
        #expect(stage.run() == [Departure(210, "c")])
        _ = stage.update(Latency(latency: 10, jitter: 5), seed: 1)
        let delays = (0..<200).map { index in
            let now = 1000 * UInt64(index + 1)
            _ = stage.receive("d", at: now)
            return stage.run().map { $0.time - now }
        }
        #expect(Set(delays.joined()) == Set(5...15))
    }

    @Test func `a fast stream is held in time that grows with it alone`() {
        var stage = LatencyStage(1_000_000)
        _ = stage.receive("x", at: 0)
        #expect(stage.heldBytes == 129)
        for index in 1..<100_000 { _ = stage.receive("x", at: UInt64(index)) }
        #expect(stage.heldBytes == 100_000 * 129)
        #expect(stage.heldBytes < stage.capacity)
        #expect(stage.run().count == 100_000)
        #expect(stage.heldBytes == 0)
    }

    // MARK: What is drawn

    private func delays(_ latency: Nanoseconds, _ jitter: Nanoseconds, count: Int) -> [Nanoseconds]
    {
        (0..<count).compactMap { seed in
            var generator = SeededGenerator(seed: UInt64(seed))
            let effect = Latency(latency: latency, jitter: jitter)
                .effect(&generator, isConnection: false)
            guard case .latency(let delay) = effect else { return nil }
            return delay
        }
    }

    @Test func `a latency without jitter is exact and draws nothing`() {
        #expect(Set(delays(123_456_789, 0, count: 50)) == [123_456_789])
        var generator = SeededGenerator(seed: 4)
        var untouched = generator
        _ = Latency(latency: 5, jitter: 0).effect(&generator, isConnection: false)
        #expect(generator.next() == untouched.next())
    }

    @Test func `jitter reaches both of its bounds and goes no further`() {
        for (latency, jitter) in [(10, 1), (10, 3), (10, 10), (1_000_000, 2)] as [(UInt64, UInt64)]
        {
            let expected = Set(latency - jitter...latency + jitter)
            #expect(Set(delays(latency, jitter, count: 2000)) == expected)
        }
    }

    @Test func `jitter is even over its range`() {
        var counts: [Nanoseconds: Int] = [:]
        for delay in delays(100, 2, count: 50_000) { counts[delay, default: 0] += 1 }
        #expect(counts.count == 5)
        // Five standard deviations of a binomial with 50 000 trials of 0.2 are 447.
        for (delay, count) in counts { #expect(abs(count - 10_000) <= 447, "\(delay)") }
    }

    @Test func `what jitter would take below zero is zero`() {
        let seen = delays(1, 3, count: 7000)
        #expect(Set(seen) == [0, 1, 2, 3, 4])
        // Three of seven outcomes: -2, -1 and 0. Five standard deviations are 207.
        #expect(abs(seen.count { $0 == 0 } - 3000) <= 207)
        #expect(Set(delays(0, 1, count: 100)) == [0, 1])
    }

    @Test func `the largest jitter that is allowed stays within its bounds`() {
        let jitter: Nanoseconds = 1 << 53
        let latency: Nanoseconds = 1 << 54
        for delay in delays(latency, jitter, count: 1000) {
            #expect(delay >= latency - jitter && delay <= latency + jitter)
        }
    }

    @Test func `the jitter of a connection is left to its stage`() {
        let fault = Latency(latency: 10, jitter: 5)
        var generator = SeededGenerator(seed: 1)
        guard case .stage = fault.effect(&generator, isConnection: true) else {
            Issue.record("drawn once for all flows")
            return
        }
        let plain = Latency(latency: 10, jitter: 0)
        #expect(plain.effect(&generator, isConnection: true) == .latency(10))
    }
}
