import ChaosProxy
import EventLoop
import Faults
import Glibc

/// What all worlds of a process have around them: the loop, the clocks, and the way to other
/// servers. Those of the system, or simulated ones. Loop thread only.
struct Surroundings {
    let loop: EventLoop
    /// Monotonic time, read at each call.
    let now: () -> Instant
    /// Time since 1970, read at each call.
    let wallClock: () -> timespec
    /// Makes an alarm for an action, at an instant of `now`.
    let makeAlarm: (_ action: @escaping () -> Void) -> ProxyEnvironment.Alarm
    /// nil: each world has a dialer of its own.
    let dial: ProxyEnvironment.Dial?
    /// Whether signals of the process are for it.
    let hearsSignals: Bool

    /// Those of the system.
    ///
    /// - Throws: `EventLoopError` if there can be no loop.
    static func system() throws(EventLoopError) -> Surroundings {
        let loop = try EventLoop()
        return Surroundings(
            loop: loop, now: { Instant(nanoseconds: loop.now) }, wallClock: Self.wallClock,
            makeAlarm: { alarm($0, on: loop) }, dial: nil, hearsSignals: true)
    }

    static func wallClock() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    private static func alarm(
        _ action: @escaping () -> Void, on loop: EventLoop
    ) -> ProxyEnvironment.Alarm {
        let timer = Timer(on: loop, action: action)
        return { [unowned loop] instant in
            guard let instant else { return timer.cancel() }
            timer.schedule(after: instant - Instant(nanoseconds: loop.now))
        }
    }
}
