import HTTPWire
import Testing

@testable import Faults

struct LatencyTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `bytes leave exactly the delay after they came`() {
        var stage = Latency(500)
        #expect(stage.receive("a", at: 1000) == [])
        #expect(stage.deadline == at(1500))
        #expect(stage.wake(at: 1499) == [])
        #expect(stage.deadline == at(1500))
        #expect(stage.wake(at: 1500) == ["a"])
        #expect(stage.deadline == nil)
    }

    @Test func `a prepared response leaves exactly the delay after it came`() {
        var stage = Latency(7)
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
        var stage = Latency(100)
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
        var stage = Latency(10)
        for index in 0..<20 { _ = stage.receive("\(index)", at: UInt64(index)) }
        #expect(stage.wake(at: 15) == (0...5).map(String.init))
        #expect(stage.wake(at: 1000) == (6..<20).map(String.init))
    }

    @Test func `the end waits only for bytes it holds`() {
        var stage = Latency(100)
        #expect(stage.receive("a", at: 0) == [])
        #expect(stage.receiveEnd(at: 60) == [])
        #expect(stage.wake(at: 99) == [])
        #expect(stage.wake(at: 100) == ["a", "end"])
    }

    @Test func `the end passes at once when nothing is held`() {
        var stage = Latency(100)
        #expect(stage.receiveEnd(at: 5) == ["end"])
        #expect(stage.deadline == nil)
        var other = Latency(100)
        _ = other.receive("a", at: 0)
        #expect(other.wake(at: 100) == ["a"])
        #expect(other.receiveEnd(at: 100) == ["end"])
    }

    @Test func `a delay of nothing holds nothing`() {
        var stage = Latency(0)
        #expect(stage.receive("a", at: 5) == ["a"])
        #expect(stage.receive("b", at: 5) == ["b"])
        #expect(stage.receiveEnd(at: 5) == ["end"])
        #expect(stage.deadline == nil)
    }

    @Test func `a delay beyond the end of time never ends`() {
        var stage = Latency(.max)
        _ = stage.receive("a", at: 1)
        #expect(stage.deadline == at(.max))
        #expect(stage.wake(at: .max - 1) == [])
    }

    @Test func `a clock that goes back does not change the order`() {
        var stage = Latency(10)
        _ = stage.receive("a", at: 100)
        _ = stage.receive("b", at: 50)
        #expect(stage.deadline == at(110))
        #expect(stage.wake(at: 109) == [])
        #expect(stage.wake(at: 110) == ["a", "b"])
    }
}
