import Downloading
import EventLoop
import Glibc
import Sweeping

/// Requests at planned instants, for a while, and what became of them.
final class BenchSession {
    /// Requests that have not ended; beyond that nothing more is learned from a longer queue.
    private static let maximumWaiting = 100_000
    private static let tick: UInt64 = 1_000_000

    private(set) var isInterrupted = false
    private let target: LoadTarget
    private let rate: Double
    private let duration: UInt64
    private let loop: EventLoop
    private let client: DownloadClient
    private var load: DownloadLoad?
    private var start: UInt64 = 0
    private var (planned, asked, ended, answered) = (0, 0, 0, 0)
    /// What is counted as no answer.
    private static let timeout = DownloadFailure.Kind.timeout.rawValue
    private var (firstEnd, lastEnd): (UInt64, UInt64) = (0, 0)
    private var times = LatencyHistogram()
    private var failures = FailureTally()
    private lazy var timer = Timer(on: loop) { [unowned self] in ask() }

    /// - Parameters:
    ///   - rate: per second.
    ///   - duration: in nanoseconds.
    ///   - connections: at once.
    /// - Throws: `EventLoopError`.
    init(_ target: LoadTarget, rate: Double, duration: UInt64, connections: Int) throws {
        (self.target, self.rate, self.duration) = (target, rate, duration)
        loop = try EventLoop()
        client = DownloadClient(on: loop, limits: target.limits(connections: connections))
    }

    var hasSucceeded: Bool { times.count > 0 }

    func run() throws -> BenchReport {
        let load = DownloadLoad(target.urls, by: client) { [unowned self] in
            note(began: $1, ended: $2, failure: $3)
        }
        self.load = load
        let signals = try [SIGINT, SIGTERM].map { number in
            try Signals(number, on: loop) { [unowned self] _ in
                isInterrupted = true
                loop.stop()
            }
        }
        start = loop.now
        ask()
        try loop.run()
        client.stop()
        return withExtendedLifetime(signals) { report(at: loop.now) }
    }

    /// Those that are due.
    private func ask() {
        let now = loop.now
        let elapsed = min(now - start, duration)
        let due = Int((Double(elapsed) / 1e9 * rate).rounded(.down)) + (elapsed < duration ? 1 : 0)
        planned = max(planned, due)
        while asked < planned, asked - ended < Self.maximumWaiting {
            load?.ask(plannedFor: start + UInt64(Double(asked) / rate * 1e9))
            asked += 1
        }
        let isOver = now - start >= duration
        // What is under way may still end, but not for ever.
        if isOver, ended == asked || now - start >= duration + target.timeout { return loop.stop() }
        timer.schedule(after: Self.tick)
    }

    private func note(began: UInt64, ended end: UInt64, failure: String?) {
        ended += 1
        if failure != Self.timeout {
            answered += 1
            if answered == 1 { firstEnd = end }
            lastEnd = end
        }
        if let failure {
            failures.note(failure)
        } else {
            times.note(end > began ? end - began : 0)
        }
    }

    private func report(at now: UInt64) -> BenchReport {
        let seconds = Double(max(min(now - start, duration), 1)) / 1e9
        return BenchReport(
            name: target.site.label, offered: rate, achieved: achieved(in: seconds),
            planned: planned, seconds: seconds, latencies: BenchReport.Latencies(times),
            failures: failures.sorted)
    }

    /// From the first end to the last: a server that keeps up ends as many in a second as it is
    /// asked for, however long each takes.
    private func achieved(in seconds: Double) -> Double {
        guard answered > 1, lastEnd > firstEnd else { return Double(answered) / seconds }
        return Double(answered - 1) * 1e9 / Double(lastEnd - firstEnd)
    }
}
