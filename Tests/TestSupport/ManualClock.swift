public import Faults

/// A clock that stands still until it is told to go on.
public final class ManualClock {
    /// Nanoseconds since an arbitrary start.
    public var now: UInt64

    public init(_ now: UInt64 = 0) {
        self.now = now
    }

    public var instant: Instant { Instant(nanoseconds: now) }
}
