import Testing

@testable import Faults

struct TimedToxicsTests {
    private func toxic(
        _ name: String, ttl: Nanoseconds? = nil, _ length: Nanoseconds? = nil,
        of period: UInt64 = 30
    ) -> Toxic {
        let schedule = length.map { ToxicWindow.Schedule(length: $0, period: period) }
        let window = ToxicWindow(ttl: ttl, schedule: schedule)
        return Toxic(
            .noop(Noop()), stream: .downstream, name: name,
            window: window == ToxicWindow() ? nil : window)
    }

    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    private func names(_ toxics: [Toxic]) -> [String] { toxics.map(\.name) }

    @Test func `toxics without a time are all in force, and none is waited for`() {
        var timed = TimedToxics([toxic("a"), toxic("b")], at: at(5))
        #expect(names(timed.inForce) == ["a", "b"] && timed.change == nil && timed.dormant.isEmpty)
        timed.replace([toxic("b")], at: at(6))
        #expect(names(timed.inForce) == ["b"] && timed.dormant.isEmpty)
    }

    @Test func `a ttl counts from when the toxic was made, and ends it`() {
        var timed = TimedToxics([toxic("a", ttl: 10), toxic("b")], at: at(100))
        #expect(timed.change == at(110))
        // Others come and go meanwhile.
        timed.replace([toxic("a", ttl: 10), toxic("c", ttl: 20)], at: at(105))
        let early = timed.advance(to: at(109))
        #expect(!early && names(timed.inForce) == ["a", "c"])
        let due = timed.advance(to: at(110))
        #expect(due && names(timed.all) == ["c"] && timed.dormant == ["a"])
        #expect(timed.change == at(125))
    }

    @Test func `a schedule comes and goes, and is there all the time`() {
        var timed = TimedToxics([toxic("a", 5)], at: at(0))
        let isGone = timed.advance(to: at(5))
        #expect(isGone)
        #expect(timed.inForce.isEmpty && names(timed.all) == ["a"] && timed.dormant == ["a"])
        let isBack = timed.advance(to: at(30))
        #expect(isBack)
        #expect(names(timed.inForce) == ["a"] && timed.dormant.isEmpty)
    }

    @Test func `another time of the same toxic counts from when it was made`() {
        var timed = TimedToxics([toxic("a", ttl: 10)], at: at(0))
        timed.replace([toxic("a", ttl: 30)], at: at(8))
        #expect(timed.change == at(30))
    }

    @Test func `one that was gone begins anew`() {
        var timed = TimedToxics([toxic("a", ttl: 10)], at: at(0))
        timed.advance(to: at(10))
        #expect(timed.all.isEmpty)
        timed.replace([toxic("a", ttl: 10)], at: at(50))
        #expect(timed.change == at(60) && timed.dormant.isEmpty)
    }

    @Test func `a restart begins all times anew`() {
        var timed = TimedToxics([toxic("a", ttl: 10), toxic("b", 5)], at: at(0))
        timed.advance(to: at(7))
        timed.restart(at: at(9))
        #expect(names(timed.inForce) == ["a", "b"] && timed.change == at(14))
    }

    @Test func `a listener's own time ends it as a ttl does`() {
        let refuse = Toxic(.refuse(Refuse(time: 10)), stream: .downstream)
        var timed = TimedToxics([refuse], at: at(0))
        #expect(timed.change == at(10))
        timed.advance(to: at(10))
        #expect(timed.all.isEmpty)
    }

    @Test func `of those that have ended few are remembered`() {
        var timed = TimedToxics([], at: at(0))
        for index in 0..<200 as Range<UInt64> {
            timed.replace([toxic("\(index)", ttl: 1)], at: at(index * 2))
            timed.advance(to: at(index * 2 + 1))
        }
        #expect(timed.dormant.count == 64)
    }
}
