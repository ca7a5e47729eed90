/// A length of time in nanoseconds.
public typealias Nanoseconds = UInt64

/// A point in monotonic time, in nanoseconds since an arbitrary start. Passed in, never read here.
public struct Instant: Comparable, Hashable, Sendable {
    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than all others: what waits for it waits for ever.
    public static let distantFuture = Instant(nanoseconds: .max)

    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    public static func + (start: Instant, length: Nanoseconds) -> Instant {
        let (sum, overflow) = start.nanoseconds.addingReportingOverflow(length)
        return Instant(nanoseconds: overflow ? .max : sum)
    }

    /// The next whole multiple of `step` nanoseconds, or it itself if it is one.
    func roundedUp(to step: Nanoseconds) -> Instant {
        let rest = nanoseconds % step
        return rest == 0 ? self : self + (step - rest)
    }

    /// The time from `start` to `end`; 0 if `end` lies before it.
    public static func - (end: Instant, start: Instant) -> Nanoseconds {
        end < start ? 0 : end.nanoseconds - start.nanoseconds
    }
}
