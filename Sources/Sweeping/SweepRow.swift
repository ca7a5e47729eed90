/// What was measured with one number of concurrent downloads.
public struct SweepRow: Equatable, Sendable {
    /// How many requests were under way all the time.
    public let concurrency: Int
    /// How long was measured, warm-up and end not counted, in seconds.
    public let seconds: Double
    /// Downloads that succeeded, per second.
    public let rate: Interval
    /// Downloads that ended in that time, good or not.
    public let completed: Int
    /// Those that failed, by kind: `418`, `503`, `reset`, `timeout` …, the most frequent first.
    public let failures: [(kind: String, count: Int)]
    /// Of the good ones, in seconds; nil if there are none.
    public let p50: Double?
    public let p95: Double?
    /// Mean time of a download, good or not, in seconds; 0 if none ended.
    public let meanTime: Double
    /// What the server itself says; nil if it says nothing.
    public let server: ServerFigures?
    /// Bins of a tenth of a second that lie far from the others; they count all the same.
    public let outliers: Int

    /// What a server's own meter has seen meanwhile.
    public struct ServerFigures: Equatable, Sendable {
        /// Most exchanges at once.
        public let peak: Int
        /// Exchanges at once, on average over the time measured.
        public let mean: Double

        public init(peak: Int, mean: Double) {
            (self.peak, self.mean) = (peak, mean)
        }
    }

    public init(
        concurrency: Int, seconds: Double, rate: Interval, completed: Int,
        failures: [(kind: String, count: Int)] = [], p50: Double?, p95: Double?, meanTime: Double,
        server: ServerFigures? = nil, outliers: Int = 0
    ) {
        (self.concurrency, self.seconds, self.rate) = (concurrency, seconds, rate)
        (self.completed, self.failures) = (completed, failures)
        (self.p50, self.p95, self.meanTime) = (p50, p95, meanTime)
        (self.server, self.outliers) = (server, outliers)
    }

    /// Of all that ended, 0...1.
    public var failureRate: Double {
        completed == 0 ? 0 : failures.reduce(0) { $0 + Double($1.count) } / Double(completed)
    }

    /// Whether the server had over 5 % less under way than the client: the client was the limit
    /// (Little's law: N̄ = X · R̄; in a closed loop the client's own N̄ is its concurrency). False
    /// if the server says nothing, and where it had less because it failed or refused many.
    public var isClientLimited: Bool {
        guard let server, failureRate < 0.05, rate.mean > 0 else { return false }
        return server.mean < 0.95 * Double(concurrency)
    }

    public static func == (left: SweepRow, right: SweepRow) -> Bool {
        left.concurrency == right.concurrency && left.seconds == right.seconds
            && left.rate == right.rate && left.completed == right.completed
            && left.failures.map(\.kind) == right.failures.map(\.kind)
            && left.failures.map(\.count) == right.failures.map(\.count)
            && left.p50 == right.p50 && left.p95 == right.p95 && left.meanTime == right.meanTime
            && left.server == right.server && left.outliers == right.outliers
    }
}
