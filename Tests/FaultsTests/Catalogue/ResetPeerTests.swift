import HTTPWire
import Testing

@testable import Faults

struct ResetPeerTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `the reset comes the timeout after the first bytes, which do not get through`() {
        var stage = ResetPeerStage(100)
        #expect(stage.deadline == nil)
        #expect(stage.receive("a", at: 7) == [])
        #expect(stage.receive("b", at: 50) == [])
        #expect(stage.receiveEnd(at: 60) == [])
        #expect(stage.deadline == at(107))
        #expect(stage.wake(at: 106) == [])
        #expect(stage.wake(at: 107) == ["rst"])
        #expect(stage.receive("c", at: 108) == [])
        #expect(stage.deadline == nil)
        #expect(stage.heldBytes == 0)
    }

    @Test func `a timeout of 0 resets at once`() {
        var stage = ResetPeerStage(0)
        #expect(stage.receive("a", at: 7) == ["rst"])
    }

    @Test func `the end begins it too`() {
        var stage = ResetPeerStage(10)
        #expect(stage.receiveEnd(at: 0) == [])
        #expect(stage.run() == [Departure(10, "rst")])
    }

    @Test func `boundaries and empty bytes begin nothing`() {
        var stage = ResetPeerStage(10)
        #expect(stage.receive(.boundary, at: 0) == ["boundary"])
        #expect(stage.receive("", at: 0) == [])
        #expect(stage.deadline == nil)
        #expect(stage.release(at: 5) == [])
    }

    @Test func `a cut before the first bytes passes, one behind them is not waited for`() {
        var stage = ResetPeerStage(10)
        #expect(stage.receive(.cut(.fin), at: 0) == ["fin"])
        #expect(stage.receive("a", at: 1) == [])
        #expect(stage.deadline == nil)
        var waiting = ResetPeerStage(10)
        _ = waiting.receive("a", at: 0)
        #expect(waiting.receive(.cut(.fin), at: 1) == [])
        #expect(waiting.run() == [Departure(10, "rst")])
    }

    @Test func `removed while it waits, it resets, because bytes are missing`() {
        var stage = ResetPeerStage(10)
        _ = stage.receive("a", at: 0)
        #expect(stage.release(at: 5) == ["rst"])
        #expect(stage.release(at: 6) == [])
    }

    @Test func `another time counts from the first bytes, but is not over before now`() {
        var stage = ResetPeerStage(10)
        _ = stage.receive("a", at: 100)
        #expect(stage.update(ResetPeer(timeout: 50), at: 105) == [])
        #expect(stage.deadline == at(150))
        #expect(stage.update(ResetPeer(timeout: 1), at: 106) == ["rst"])
    }
}
