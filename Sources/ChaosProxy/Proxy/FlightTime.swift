import Faults

/// How long exchanges have been under way, all together: the integral of their number over time.
///
/// Kept as a difference that wraps around: what a beginning takes away, the end brings back, so
/// that nobody has to look at the exchanges that are under way.
struct FlightTime: Sendable {
    private var ended: Nanoseconds = 0

    init() {}

    @inline(__always)
    mutating func began(at start: Instant) { ended &-= start.nanoseconds }

    @inline(__always)
    mutating func ended(at end: Instant) { ended &+= end.nanoseconds }

    mutating func add(_ other: FlightTime) { ended &+= other.ended }

    /// - Parameter count: how many are under way.
    /// - Returns: exchange-nanoseconds since the start.
    func total(inFlight count: Int, at now: Instant) -> Nanoseconds {
        ended &+ UInt64(truncatingIfNeeded: count) &* now.nanoseconds
    }
}
