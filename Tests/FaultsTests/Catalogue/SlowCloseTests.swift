import HTTPWire
import Testing

@testable import Faults

struct SlowCloseTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `only the end is late, to the nanosecond`() {
        var stage = SlowCloseStage(100)
        #expect(stage.receive("a", at: 0) == ["a"])
        #expect(stage.receive(.boundary, at: 1) == ["boundary"])
        #expect(stage.deadline == nil)
        #expect(stage.receiveEnd(at: 7) == [])
        #expect(stage.deadline == at(107))
        #expect(stage.wake(at: 106) == [])
        #expect(stage.wake(at: 107) == ["end"])
        #expect(stage.deadline == nil)
    }

    @Test func `a delay of nothing holds nothing`() {
        var stage = SlowCloseStage(0)
        #expect(stage.receiveEnd(at: 7) == ["end"])
    }

    @Test func `the end that another fault brings is late as well`() {
        var stage = SlowCloseStage(100)
        #expect(stage.receive(.cut(.fin), at: 7) == [])
        #expect(stage.deadline == at(107))
        #expect(stage.wake(at: 107) == ["fin"])
        #expect(stage.receive(.cut(.rst), at: 200) == ["rst"])
    }

    @Test func `behind an end that waits it waits too, and no longer`() {
        var stage = SlowCloseStage(100)
        #expect(stage.receiveEnd(at: 0) == [])
        #expect(stage.receive(.cut(.fin), at: 60) == [])
        #expect(stage.run() == [Departure(100, "end"), Departure(100, "fin")])
    }

    @Test func `a reset passes at once, and the end is not wanted any more`() {
        var stage = SlowCloseStage(100)
        #expect(stage.receiveEnd(at: 0) == [])
        #expect(stage.receive(.cut(.rst), at: 1) == ["rst"])
        #expect(stage.deadline == nil)
        #expect(stage.wake(at: 1000) == [])
    }

    @Test func `removed while it waits, it lets the end go`() {
        var stage = SlowCloseStage(100)
        #expect(stage.receiveEnd(at: 0) == [])
        #expect(stage.heldBytes == 128)
        #expect(stage.release(at: 5) == ["end"])
        #expect(stage.heldBytes == 0)
    }

    @Test func `what comes behind the end keeps its place`() {
        var stage = SlowCloseStage(100)
        #expect(stage.receiveEnd(at: 0) == [])
        #expect(stage.receive("a", at: 1) == [])
        #expect(stage.run() == [Departure(100, "end"), Departure(100, "a")])
    }

    @Test func `another delay counts from when the end came`() {
        var stage = SlowCloseStage(100)
        _ = stage.receiveEnd(at: 50)
        #expect(stage.update(SlowClose(delay: 200), at: 60) == [])
        #expect(stage.deadline == at(250))
        #expect(stage.update(SlowClose(delay: 10), at: 70) == ["end"])
    }
}
