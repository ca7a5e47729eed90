import Downloading

/// How many downloads are under way at once: a fixed number, or the best, which is looked for by
/// doubling as long as that brings something.
struct DownloadWindow {
    /// What a doubling must bring at least: 5 %.
    private static let gain = 1.05

    /// Now.
    private(set) var count: Int
    private let maximum: Int
    private var isSearching: Bool
    /// Of the round under way.
    private var (ended, failed) = (0, 0)
    private var began: UInt64?
    private var best: (count: Int, rate: Double)?

    /// - Parameter maximum: 1 or more.
    init(_ concurrency: GetPlan.Concurrency, maximum: Int) {
        self.maximum = max(maximum, 1)
        switch concurrency {
        case .fixed: (count, isSearching) = (self.maximum, false)
        case .best: (count, isSearching) = (min(2, self.maximum), true)
        }
    }

    /// One is answered, or has failed.
    ///
    /// - Parameter now: in monotonic nanoseconds.
    mutating func note(_ outcome: DownloadResult.Outcome, at now: UInt64) {
        guard isSearching else { return }
        guard let began else {
            // The ramp is no measure.
            return self.began = now
        }
        ended += 1
        if case .failed = outcome { failed += 1 }
        if ended >= 2 * count, now > began { judge(Double(now - began)) }
    }

    /// - Parameter time: of the round, in nanoseconds.
    private mutating func judge(_ time: Double) {
        let rate = Double(ended - failed) / time
        (ended, failed, began) = (0, 0, nil)
        guard let best, rate <= best.rate * Self.gain else {
            best = (count, rate)
            if count < maximum { count = min(2 * count, maximum) } else { isSearching = false }
            return
        }
        (count, isSearching) = (best.count, false)
    }
}
