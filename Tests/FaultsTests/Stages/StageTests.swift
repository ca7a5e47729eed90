import HTTPWire
import Testing

@testable import Faults

/// What every stage does that does not say otherwise, and which faults it is told of.
struct StageTests {
    /// Says nothing of itself that it does not have to, but what it holds and when it is due.
    private struct PlainStage: Stage {
        typealias Entry = Bandwidth

        var deadline: Instant?
        var heldBytes = 0
        /// What it was told, in order.
        var told: [String] = []
        var credit: BandwidthCredit?

        mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {}

        mutating func join(_ entry: Bandwidth, _ credit: () -> BandwidthCredit) {
            told.append("join")
            self.credit = credit()
        }

        mutating func update(
            _ entry: Bandwidth, _ effect: Effect, at now: Instant, into actions: inout Actions
        ) { told.append("update at \(now.nanoseconds)") }
    }

    /// Says nothing of itself at all.
    private struct SilentStage: Stage {
        typealias Entry = Bandwidth

        mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {}
        mutating func update(
            _ entry: Bandwidth, _ effect: Effect, at now: Instant, into actions: inout Actions
        ) {}
    }

    private let now = Instant(nanoseconds: 3)

    @Test func `one that says nothing waits for nothing and holds nothing`() {
        var stage = SilentStage()
        #expect(stage.deadline == nil && stage.wakeTime == nil && stage.longestDelay == nil)
        #expect(stage.heldBytes == 0 && stage.capacity == 256 * 1024)
        #expect(!stage.isStuck && !stage.isHolding && !stage.lacksBytes)
        var actions = Actions()
        stage.begin(at: now)
        stage.wake(at: now, into: &actions)
        stage.release(at: now, into: &actions)
        stage.take(Bandwidth(rate: 1), .stage(seed: 0), at: now, into: &actions)
        #expect(actions.texts == [])
    }

    @Test func `it is woken at its deadline, and holds if there are bytes in it`() {
        var stage = PlainStage(deadline: now)
        #expect(stage.wakeTime == now && !stage.isHolding)
        (stage.deadline, stage.heldBytes) = (nil, 1)
        #expect(stage.wakeTime == nil && stage.isHolding)
    }

    @Test func `it joins others before it has other quantities`() {
        var (stage, actions) = (PlainStage(), Actions())
        let credit = BandwidthCredit()
        stage.take(Bandwidth(rate: 1), .stage(seed: 0), at: now, into: &actions) { credit }
        #expect(stage.told == ["join", "update at 3"])
        let isTheirs = stage.credit === credit
        #expect(isTheirs)
    }

    @Test func `of another fault it is told nothing`() {
        var (stage, actions) = (PlainStage(), Actions())
        stage.take(LimitData(bytes: 1), .stage(seed: 0), at: now, into: &actions)
        #expect(stage.told == [] && stage.credit == nil)
    }

    @Test func `a stage is told only what concerns its own fault`() {
        var stage = LimitDataStage(3)
        let other = Pipeline.drawn([.slowClose(SlowClose(delay: 1))])[0]
        let same = Pipeline.drawn([.limitData(LimitData(bytes: 1))])[0]
        var actions = Actions()
        let now = Instant(nanoseconds: 0)
        stage.take(other.toxic.fault.entry, other.effect, at: now, into: &actions)
        #expect(stage.receive("ab", at: 0) == ["ab"])
        stage.take(same.toxic.fault.entry, same.effect, at: now, into: &actions)
        #expect(stage.receive("c", at: 0) == ["fin"])
    }
}
