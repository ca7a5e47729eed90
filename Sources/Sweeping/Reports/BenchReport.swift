/// What an open loop has found: requests that start when they are due, whether or not those before
/// them have ended.
public struct BenchReport: Equatable, Sendable {
    /// From the planned start to the end, in seconds, of the requests that succeeded.
    public struct Latencies: Equatable, Sendable {
        public let p50: Double
        public let p90: Double
        public let p95: Double
        public let p99: Double
        public let p999: Double
        public let max: Double

        public init(
            p50: Double, p90: Double, p95: Double, p99: Double, p999: Double, max: Double
        ) {
            (self.p50, self.p90, self.p95) = (p50, p90, p95)
            (self.p99, self.p999, self.max) = (p99, p999, max)
        }

        /// - Returns: nil if there are none.
        public init?(_ times: LatencyHistogram) {
            func seconds(_ percent: Double) -> Double {
                Double(times.percentile(percent) ?? 0) / 1e9
            }
            guard times.count > 0 else { return nil }
            self.init(
                p50: seconds(50), p90: seconds(90), p95: seconds(95), p99: seconds(99),
                p999: seconds(99.9), max: Double(times.max) / 1e9)
        }

        var named: [(name: String, seconds: Double)] {
            [
                ("p50", p50), ("p90", p90), ("p95", p95), ("p99", p99), ("p99.9", p999),
                ("max", max),
            ]
        }
    }

    /// What has to be achieved of the offered rate for the latencies to say something.
    private static let least = 0.98

    /// What was asked: `DELAY`.
    public let name: String
    /// Requests that were to start, per second.
    public let offered: Double
    /// Requests that ended, good or not, per second.
    public let achieved: Double
    /// Requests that were to start, all told.
    public let planned: Int
    /// From the first planned start on.
    public let seconds: Double
    /// Nil if nothing succeeded.
    public let latencies: Latencies?
    /// The most frequent kind first.
    public let failures: [(kind: String, count: Int)]

    public init(
        name: String, offered: Double, achieved: Double, planned: Int, seconds: Double,
        latencies: Latencies?, failures: [(kind: String, count: Int)] = []
    ) {
        (self.name, self.offered, self.achieved) = (name, offered, achieved)
        (self.planned, self.seconds) = (planned, seconds)
        (self.latencies, self.failures) = (latencies, failures)
    }

    /// Whether at least 98 % of what was offered was achieved. If not, a queue grows, and the
    /// latencies say how long was measured and not how fast the server is.
    public var keepsUp: Bool { achieved >= offered * Self.least }

    public static func == (left: BenchReport, right: BenchReport) -> Bool {
        left.name == right.name && left.offered == right.offered
            && left.achieved == right.achieved && left.planned == right.planned
            && left.seconds == right.seconds && left.latencies == right.latencies
            && left.failures.map(\.kind) == right.failures.map(\.kind)
            && left.failures.map(\.count) == right.failures.map(\.count)
    }
}
