import HTTPWire
import Testing

@testable import Faults

struct PipelineTests {
    private func pipeline(
        _ delays: [Nanoseconds], stream: Toxic.Stream = .downstream
    ) -> Pipeline {
        let drawn = Pipeline.drawn(delays.map { .latency(Latency(latency: $0, jitter: 0)) })
        return Pipeline(drawn, stream: stream)
    }

    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `an empty pipeline passes everything at once`() {
        var empty = pipeline([])
        #expect(empty.isEmpty)
        #expect(empty.deadline == nil)
        #expect(empty.receive("a", at: 1) == ["a"])
        #expect(empty.receiveEnd(at: 1) == ["end"])
    }

    @Test func `only faults of its stream take part`() {
        #expect(pipeline([5], stream: .upstream).isEmpty)
        #expect(!pipeline([5], stream: .downstream).isEmpty)
    }

    @Test func `a fault of the exchange is no stage`() {
        let respond = Fault.respond(Respond(statuses: [(418, 1)], retryAfter: nil))
        let drawn = Pipeline.drawn([respond, .noop(Noop())])
        #expect(drawn.count == 2)
        #expect(Pipeline(drawn, stream: .downstream).isEmpty)
        #expect(Pipeline().isEmpty)
    }

    @Test func `delays of stages add up to the nanosecond`() {
        var both = pipeline([100, 30])
        #expect(both.receive("a", at: 1000) == [])
        #expect(both.deadline == at(1100))
        #expect(both.wake(at: 1100) == [])
        #expect(both.deadline == at(1130))
        #expect(both.wake(at: 1129) == [])
        #expect(both.wake(at: 1130) == ["a"])
        #expect(both.deadline == nil)
    }

    @Test func `it is woken when the first of its stages is to be`() {
        let bandwidth = Fault.bandwidth(Bandwidth(rate: 1000))
        let latency = Fault.latency(Latency(latency: 50_000_000, jitter: 0))
        var both = Pipeline(Pipeline.drawn([bandwidth, latency]), stream: .downstream)
        #expect(both.wakeTime == nil)
        _ = both.receive(String(repeating: "x", count: 200), at: 7)
        #expect(both.wakeTime == at(101_000_000))
        #expect(both.wake(at: 101_000_000) == [])
        #expect(both.deadline == at(150_000_007))
        #expect(both.wakeTime == at(150_000_007))
    }

    @Test func `a late timer adds no drift`() {
        var both = pipeline([100, 30])
        _ = both.receive("a", at: 1000)
        // 7 ns late: the second delay still counts from 1100 and not from 1107.
        #expect(both.wake(at: 1107) == [])
        #expect(both.deadline == at(1130))
        var late = pipeline([100, 30, 5])
        _ = late.receive("a", at: 0)
        #expect(late.wake(at: 134) == [])
        #expect(late.deadline == at(135))
        #expect(late.wake(at: 1_000_000) == ["a"])
    }

    @Test func `one late wake-up runs every stage at its own due time`() {
        var both = pipeline([100, 30])
        _ = both.receive("a", at: 0)
        _ = both.receive("b", at: 50)
        _ = both.receive("c", at: 90)
        // b leaves at 180 and c at 220.
        #expect(both.wake(at: 200) == ["a", "b"])
        #expect(both.deadline == at(220))
        #expect(both.wake(at: 220) == ["c"])
    }

    @Test func `the end comes behind everything that any stage holds`() {
        var both = pipeline([100, 30])
        _ = both.receive("a", at: 0)
        #expect(both.receiveEnd(at: 10) == [])
        #expect(both.wake(at: 100) == [])
        #expect(both.wake(at: 129) == [])
        #expect(both.wake(at: 130) == ["a", "end"])
        #expect(both.deadline == nil)
    }

    @Test func `a wake-up before the deadline does nothing`() {
        var both = pipeline([100, 30])
        #expect(both.wake(at: 5) == [])
        _ = both.receive("a", at: 10)
        #expect(both.wake(at: 109) == [])
        #expect(both.deadline == at(110))
    }

    @Test func `stages without a delay let through at once`() {
        var pipeline = pipeline([0, 0, 0])
        #expect(pipeline.receive("a", at: 1) == ["a"])
        #expect(pipeline.deadline == nil)
    }
}
