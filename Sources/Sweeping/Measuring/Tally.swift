/// What had been counted up to an instant. The difference of two is what happened in between.
struct Tally {
    /// In nanoseconds, of the clock that the caller reads.
    var time: UInt64
    var completed = 0
    var good = 0
    /// Of all that ended, good or not, in nanoseconds.
    var latency = 0.0
    /// When the good ones ended, in all: nanoseconds since the start.
    var goodTimes = 0.0
    /// How many of each kind; see `FailureKinds`.
    var failures: [Int] = []

    /// In seconds.
    func seconds(since earlier: Tally) -> Double {
        time > earlier.time ? Double(time - earlier.time) / 1e9 : 0
    }

    /// When a good one ended on average since then, in seconds since the start; nil if none did.
    func centre(since earlier: Tally) -> Double? {
        let ended = good - earlier.good
        return ended > 0 ? (goodTimes - earlier.goodTimes) / Double(ended) / 1e9 : nil
    }

    /// Mean time of what ended since then, in seconds; 0 if nothing did.
    func meanTime(since earlier: Tally) -> Double {
        let ended = completed - earlier.completed
        return ended > 0 ? (latency - earlier.latency) / Double(ended) / 1e9 : 0
    }
}
