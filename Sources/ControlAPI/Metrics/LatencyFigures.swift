import Faults
import Records

/// How long the exchanges of a proxy took, or of several together, as JSON.
struct LatencyFigures {
    /// Upper bounds of the buckets, in seconds; the last bucket has none.
    static let bounds = JSONValue.array(RecordTotals.durationBounds.map(seconds))
    /// Of a proxy without records: of a thousand proxies most are.
    static let none = LatencyFigures().json

    private static let shares: [(name: String, share: Double)] = [
        ("p50", 0.5), ("p95", 0.95), ("p99", 0.99),
    ]

    private var count: UInt64 = 0
    private var sum: Nanoseconds = 0
    private var buckets = [UInt64](repeating: 0, count: RecordTotals.durationBounds.count + 1)
    private var histogram = DurationHistogram()

    init() {}

    init(_ totals: RecordTotals) {
        (count, sum) = (totals.count, totals.totalDuration)
        (buckets, histogram) = (totals.durations, totals.latencies)
    }

    mutating func add(_ other: LatencyFigures) {
        count += other.count
        sum &+= other.sum
        for (index, more) in other.buckets.enumerated() { buckets[index] += more }
        histogram.add(other.histogram)
    }

    /// Times in seconds, and null for those that there are none of; buckets with how many took at
    /// most as long as each bound, and not as the one before it.
    var json: JSONValue {
        let times = histogram.quantiles(Self.shares.map(\.share))
        let quantiles = Self.shares.indices.map { index in
            JSONValue.Member(
                Self.shares[index].name, times.map { Self.seconds($0[index]) } ?? .null)
        }
        return .object(
            [.init("count", .number("\(count)")), .init("sum_seconds", Self.seconds(sum))]
                + quantiles + [.init("buckets", .array(buckets.map { .number("\($0)") }))])
    }

    private static func seconds(_ time: Nanoseconds) -> JSONValue {
        JSONWriter.number(Double(time) / 1e9)
    }
}
