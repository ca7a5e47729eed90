/// So many bytes every so much time.
struct ScriptPace {
    let bytes: Int
    let interval: Nanoseconds
    /// How many of the piece under way are left.
    private var left = 0
    /// When the next piece may be sent. Counted from the piece before, so that late turns do not
    /// add up.
    private(set) var due: Instant

    init(bytes: Int, interval: Nanoseconds, from now: Instant) {
        (self.bytes, self.interval, due) = (bytes, interval, now)
    }

    /// How many bytes may be sent now.
    mutating func allowance(at now: Instant) -> Int {
        if left == 0, due <= now {
            left = bytes
            due = due + interval
        }
        return left
    }

    mutating func spend(_ count: Int) { left -= count }

    /// The time up to then was spent otherwise.
    mutating func resume(at time: Instant) { due = max(due, time) }
}
