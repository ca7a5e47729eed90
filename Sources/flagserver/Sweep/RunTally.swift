import Records
import Sweeping

/// What the servers saw of one run of a command.
struct RunTally {
    private var (completed, good, peak) = (0, 0, 0)
    private var failures = FailureTally()
    private var times = LatencyHistogram()
    private var sum = 0.0
    /// Of the first beginning and the last end, by the wall clock, in nanoseconds.
    private var span: (begin: Int64, end: Int64)?

    mutating func note(_ record: ExchangeRecord) {
        completed += 1
        peak = max(peak, record.inFlight)
        sum += Double(record.duration)
        let begin = record.time - Int64(clamping: record.duration)
        span = (min(span?.begin ?? begin, begin), max(span?.end ?? record.time, record.time))
        if let word = Self.failure(record) {
            failures.note(word)
        } else {
            good += 1
            times.note(record.duration)
        }
    }

    /// Bounded: statuses, refusals and endings.
    private static func failure(_ record: ExchangeRecord) -> String? {
        if record.hasGivenUp { return "gave up" }
        if let status = record.status, status.code >= 400 { return "\(status.code)" }
        return record.isOK ? nil : record.refusal?.rawValue ?? record.ending.rawValue
    }

    /// In seconds; 0 if nothing was asked.
    var seconds: Double { span.map { Double(max($0.end - $0.begin, 0)) / 1e9 } ?? 0 }

    /// Good ones per second.
    var rate: Double { seconds > 0 ? Double(good) / seconds : 0 }

    /// One row of all runs with the same number.
    static func row(_ runs: [RunTally], concurrency: Int) -> SweepRow {
        var all = RunTally()
        for run in runs { all.add(run) }
        let seconds = runs.reduce(0) { $0 + $1.seconds }
        let completed = Double(max(all.completed, 1))
        return SweepRow(
            concurrency: concurrency, seconds: seconds,
            rate: Interval(of: runs.map(\.rate)), completed: all.completed,
            failures: all.failures.sorted,
            p50: all.times.percentile(50).map { Double($0) / 1e9 },
            p95: all.times.percentile(95).map { Double($0) / 1e9 },
            meanTime: all.sum / completed / 1e9,
            server: SweepRow.ServerFigures(
                peak: all.peak, mean: seconds > 0 ? all.sum / 1e9 / seconds : 0))
    }

    private mutating func add(_ other: RunTally) {
        completed += other.completed
        good += other.good
        peak = max(peak, other.peak)
        sum += other.sum
        failures.merge(other.failures)
        times.merge(other.times)
    }
}
