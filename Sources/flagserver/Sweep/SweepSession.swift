import Downloading
import EventLoop
import Glibc
import Sweeping

/// A sweep over numbers of connections: a closed loop that never drains between two rows.
final class SweepSession {
    /// How often it is looked whether a row is done, in nanoseconds.
    private static let look: UInt64 = 10_000_000
    /// Shortest time for a row.
    private static let leastTime: UInt64 = 200_000_000

    private let target: LoadTarget
    private let screen: SweepScreen
    private let seed: UInt64
    private let budget: UInt64
    private let loop: EventLoop
    private let client: DownloadClient
    private let meter: ServerMeter?
    private var search: ConcurrencySearch
    private var load: DownloadLoad?
    private var rows: [SweepRow] = []
    private var concurrency = 0
    private var measurement: Measurement?
    /// When the whole began, and when the row under way may begin to end.
    private var start: UInt64 = 0
    /// How many have ended in this row.
    private var ended = 0
    private var before: (figures: ServerMeter.Figures, time: UInt64)?
    private var trouble: (any Error)?
    private var isInterrupted = false
    private lazy var timer = Timer(on: loop) { [unowned self] in check() }

    /// - Parameters:
    ///   - budget: for all rows, in nanoseconds.
    /// - Throws: `EventLoopError`.
    init(
        _ target: LoadTarget, _ search: ConcurrencySearch, budget: UInt64, seed: UInt64,
        _ screen: SweepScreen
    ) throws {
        (self.target, self.search, self.budget) = (target, search, budget)
        (self.seed, self.screen) = (seed, screen)
        meter = ServerMeter(of: target.site)
        loop = try EventLoop()
        client = DownloadClient(on: loop, limits: target.limits(connections: 1000))
    }

    /// - Parameter beginning: what is told first.
    /// - Returns: the exit status.
    /// - Throws: `CommandLineError` or `EventLoopError`.
    func run(_ beginning: String) throws -> Int32 {
        let load = DownloadLoad(target.urls, by: client) { [unowned self] in
            note($0, began: $1, ended: $2, failure: $3)
        }
        self.load = load
        let signals = try [SIGINT, SIGTERM].map { number in
            try Signals(number, on: loop) { [unowned self] _ in
                isInterrupted = true
                loop.stop()
            }
        }
        try screen.tell(beginning)
        start = loop.now
        beginRow()
        do throws(EventLoopError) {
            try loop.run()
        } catch {
            trouble = error
        }
        load.end()
        client.stop()
        withExtendedLifetime(signals) {}
        if let trouble { throw trouble }
        if rows.isEmpty, isInterrupted { return GetExit.interrupted }
        let report = SweepReport(
            name: target.site.label, unit: "flags", rows: rows, seed: seed)
        try screen.show(report)
        return isInterrupted ? GetExit.interrupted : report.recommended == nil ? 1 : 0
    }

    // MARK: Rows

    private func beginRow() {
        guard loop.now - start < budget, let next = search.next() else { return loop.stop() }
        concurrency = next
        (measurement, before, ended) = (nil, nil, 0)
        load?.keep(next)
        timer.schedule(after: 0)
    }

    /// What is left of the time, divided among the rows that are left.
    private var timeForRow: UInt64 {
        let spent = loop.now - start
        let left = spent < budget ? budget - spent : 0
        let rowsLeft = max(search.expectedRows - rows.count, 1)
        return max(left / UInt64(rowsLeft), min(left, Self.leastTime))
    }

    private func note(_ place: Int, began: UInt64, ended end: UInt64, failure: String?) {
        measurement?.note(at: end, latency: end - began, failure: failure, place: place)
        guard measurement != nil else { return }
        ended += 1
        if ended == concurrency { beginMeter() }
    }

    private func beginMeter() {
        meter?.reset()
        before = meter?.read().map { ($0, loop.now) }
    }

    private func check() {
        let now = loop.now
        timer.schedule(after: Self.look)
        guard measurement != nil else {
            guard now - start < budget else { return loop.stop() }
            // Those of a row with more have to end first.
            guard load.map({ $0.running <= concurrency }) ?? false else { return }
            measurement = Measurement(concurrency: concurrency, start: now, budget: timeForRow)
            return
        }
        if measurement?.isFinished(at: now) == true { endRow(at: now) }
    }

    private func endRow(at now: UInt64) {
        guard let row = measurement?.row(server: server(), at: now) else { return }
        rows.append(row)
        search.note(row)
        do {
            try screen.show(row)
        } catch {
            trouble = error
            return loop.stop()
        }
        timer.cancel()
        beginRow()
    }

    private func server() -> SweepRow.ServerFigures? {
        guard let before, let after = meter?.read(), loop.now > before.time else { return nil }
        let time = Double(loop.now - before.time) / 1e9
        return SweepRow.ServerFigures(
            peak: after.peak, mean: (after.seconds - before.figures.seconds) / time)
    }
}
