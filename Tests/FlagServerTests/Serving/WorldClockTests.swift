import ChaosProxy
import EventLoop
import Faults
import Foundation
import Testing

@testable import flagserver

struct WorldClockTests {
    private final class Clock {
        /// Since the machine began, and since 1970.
        var (seconds, date) = (5, 1_000_000)
    }

    /// Else the clients of its first second would have waited too long as soon as that is over.
    @Test func `a world that is made late has the time of all others`() throws {
        let clock = Clock()
        let around = Surroundings(
            loop: try EventLoop(),
            now: { Instant(nanoseconds: UInt64(clock.seconds) * 1_000_000_000) },
            wallClock: { timespec(tv_sec: clock.date, tv_nsec: 0) },
            makeAlarm: { _ in { _ in } }, dial: nil, hearsSignals: false)
        let supervisor = try Supervisor(Supervisor.Options(seed: 1), around) { _ in }
        (clock.seconds, clock.date) = (1005, 1_001_000)
        let world = supervisor.addWorld(World.Options(seed: 2))
        #expect(world.environment.tick == 1000)
        #expect(world.environment.date == 1_001_000)
    }
}
