import HTTPWire
import Testing

@testable import Faults

struct TimeoutTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    private func begun(_ timeout: Nanoseconds, at now: UInt64 = 0) -> TimeoutStage {
        var stage = TimeoutStage(timeout)
        stage.begin(at: at(now))
        return stage
    }

    @Test func `the connection is cut the timeout after the fault began to act`() {
        var stage = begun(100, at: 7)
        #expect(stage.deadline == at(107))
        #expect(stage.wake(at: 106) == [])
        #expect(stage.wake(at: 107) == ["fin"])
        #expect(stage.deadline == nil)
        #expect(stage.wake(at: 200) == [])
    }

    @Test func `nothing gets through, and bytes do not begin the time anew`() {
        var stage = begun(100)
        #expect(stage.receive("a", at: 10) == [])
        #expect(stage.receive(.boundary, at: 20) == [])
        #expect(stage.receiveEnd(at: 99) == [])
        #expect(stage.deadline == at(100))
        #expect(stage.run() == [Departure(100, "fin")])
        #expect(stage.receive("b", at: 101) == [])
        #expect(stage.heldBytes == 0)
    }

    @Test func `a timeout of 0 never closes`() {
        var stage = begun(0)
        #expect(stage.receive("a", at: 10) == [])
        #expect(stage.deadline == nil)
        #expect(stage.wake(at: .max) == [])
    }

    @Test func `the first flow begins it if nobody said so`() {
        var stage = TimeoutStage(100)
        #expect(stage.deadline == nil)
        _ = stage.receive("a", at: 5)
        #expect(stage.deadline == at(105))
        stage.begin(at: at(50))
        #expect(stage.deadline == at(105))
    }

    @Test func `removed, it cuts, because bytes are missing`() {
        for timeout in [0, 100] as [Nanoseconds] {
            var stage = begun(timeout)
            _ = stage.receive("a", at: 5)
            #expect(stage.release(at: 6) == ["fin"])
            #expect(stage.release(at: 6) == [])
            #expect(stage.deadline == nil)
        }
    }

    @Test func `a cut passes`() {
        var stage = begun(100)
        #expect(stage.receive(.cut(.rst), at: 1) == ["rst"])
        #expect(stage.deadline == nil)
    }

    @Test func `another time counts from the same beginning, but is not over before now`() {
        var stage = begun(100)
        #expect(stage.update(Timeout(timeout: 300), at: 50) == [])
        #expect(stage.deadline == at(300))
        #expect(stage.update(Timeout(timeout: 0), at: 60) == [])
        #expect(stage.deadline == nil)
        #expect(stage.update(Timeout(timeout: 40), at: 70) == ["fin"])
    }
}
