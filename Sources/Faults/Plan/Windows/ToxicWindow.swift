/// When a toxic is in force, counted from its creation. Time is no part of the draw.
public struct ToxicWindow: Equatable, Sendable {
    /// Longest time that can be asked for: a day, in nanoseconds.
    public static let longest: Nanoseconds = 86_400_000_000_000
    /// Shortest one.
    public static let shortest: Nanoseconds = 1_000_000

    /// The first part of every period: `5s/30s`.
    public struct Schedule: Equatable, Sendable, CustomStringConvertible {
        /// Not longer than the period.
        public let length: Nanoseconds
        public let period: Nanoseconds

        public init(length: Nanoseconds, period: Nanoseconds) {
            precondition(length > 0 && length <= period, "a part of a period is no longer than it")
            (self.length, self.period) = (length, period)
        }

        /// Can be read again.
        public var description: String { "\(Notation.exact(length))/\(Notation.exact(period))" }
    }

    /// After so long it is gone; nil: never.
    public var ttl: Nanoseconds?
    public var schedule: Schedule?

    public init(ttl: Nanoseconds? = nil, schedule: Schedule? = nil) {
        (self.ttl, self.schedule) = (ttl, schedule)
    }

    /// Whether it has ended for good.
    func isOver(at now: Instant, since start: Instant) -> Bool {
        ttl.map { now >= start + $0 } ?? false
    }

    public func isInForce(at now: Instant, since start: Instant) -> Bool {
        guard !isOver(at: now, since: start) else { return false }
        return schedule.map { (now - start) % $0.period < $0.length } ?? true
    }

    /// When that changes next; nil: never.
    public func change(after now: Instant, since start: Instant) -> Instant? {
        guard !isOver(at: now, since: start) else { return nil }
        let end = ttl.map { start + $0 }
        guard let schedule, schedule.length < schedule.period else { return end }
        let phase = (now - start) % schedule.period
        let left = (phase < schedule.length ? schedule.length : schedule.period) - phase
        return min(now + left, end ?? .distantFuture)
    }
}
