import Faults

/// `--rate`: so many requests a second, with a burst of `max(1, rate)`. Pure: time is passed in.
struct TokenBucket {
    /// Tokens a second.
    private let rate: Double
    private let capacity: Double
    /// When it was full for the last time.
    private var full: Instant?
    /// Tokens taken since then: counted, so that no rounding adds up.
    private var taken = 0.0

    /// - Parameter rate: tokens a second, more than 0.
    init(rate: Double) {
        (self.rate, capacity) = (rate, max(1, rate))
    }

    /// Takes a token.
    ///
    /// - Returns: nil if there was one; else how long it takes until there is one again.
    mutating func take(at now: Instant) -> Nanoseconds? {
        let passed = full.map { now > $0 ? now - $0 : 0 } ?? .max
        if passed >= time(for: taken) { (full, taken) = (now, 0) }
        let due = time(for: taken + 1 - capacity)
        guard passed >= due else { return due - passed }
        taken += 1
        return nil
    }

    /// How long it takes until so many tokens have come, in nanoseconds, at most some decades.
    private func time(for tokens: Double) -> Nanoseconds {
        // Less than a nanosecond that comes from rounding alone must not be rounded up.
        let exact = tokens * 1e9 / rate * (1 - 0x1p-51)
        return Nanoseconds(min(max(exact, 0), 1e18).rounded(.up))
    }
}
