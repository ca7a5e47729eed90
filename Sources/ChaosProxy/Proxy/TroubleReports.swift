import Faults

/// How often trouble is told that may come again and again, from every listener and connection:
/// once a second at most, by all who share it together. Loop thread only.
public final class TroubleReports {
    private static let interval: Nanoseconds = 1_000_000_000

    private var last: Instant?

    public init() {}

    /// Whether it may be told now; it is then taken as told.
    func mayTell(at now: Instant) -> Bool {
        if let last, now - last < Self.interval { return false }
        last = now
        return true
    }
}
