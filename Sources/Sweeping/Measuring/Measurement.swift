/// One row being measured: a closed loop, in which so many requests are always under way that
/// whatever ends is followed by the next one at once.
///
/// At first nothing counts until as many have ended as are under way (or a third of the budget is
/// spent, if a server takes its time); then it goes on without a break. Instants and times are
/// nanoseconds of any clock that does not go back.
public struct Measurement: Sendable {
    /// It is finished when the half-width of the rate is at most this part of it.
    static let wantedHalfWidth = 0.025
    /// Fewer bins may lie close together by chance.
    static let fewestBins = 5
    /// Places that are told apart.
    private static let mostPlaces = 10_000
    /// A longer pause is looked for during at least so many nanoseconds.
    private static let shortestWindow: UInt64 = 10_000_000

    private let concurrency: Int
    private let start: UInt64
    private let budget: UInt64
    private var tally: Tally
    private var kinds = FailureKinds()
    /// When it began to count.
    private var warm: Tally?
    private var warmUpTimes = LatencyHistogram()
    private var times = LatencyHistogram()
    private var edges = PauseEdges()
    private var firstEdge: Tally?
    private var rate = RenewalRate()
    private var cycles: SlotCycles
    private var isPrecise = false
    /// What had ended when the first burst was over; nil before the first end.
    private var firstBurst: Tally?

    /// - Parameters:
    ///   - concurrency: how many requests are under way all the time, 1 or more.
    ///   - start: when the first of them began.
    ///   - budget: how long it may take, warm-up included.
    public init(concurrency: Int, start: UInt64, budget: UInt64) {
        (self.concurrency, self.start, self.budget) = (max(concurrency, 1), start, budget)
        tally = Tally(time: start)
        cycles = SlotCycles(places: min(self.concurrency, Self.mostPlaces))
    }

    /// A download has ended.
    ///
    /// - Parameters:
    ///   - place: which of those under way at once it was, from 0; the next one has the same.
    ///   - failure: what went wrong: `418`, `reset`, `timeout` …; nil if it is good.
    public mutating func note(
        at now: UInt64, latency: UInt64, failure: String?, place: Int? = nil
    ) {
        if let place { note(place, at: now, isGood: failure == nil) }
        tally.time = max(tally.time, now)
        tally.completed += 1
        tally.latency += Double(latency)
        if let failure {
            count(failure)
        } else {
            tally.good += 1
            tally.goodTimes += Double(spent(at: tally.time))
            if warm == nil { warmUpTimes.note(latency) } else { times.note(latency) }
        }
        if firstBurst.map({ now <= $0.time &+ Self.shortestWindow }) ?? true { noteBurst() }
        if warm == nil {
            let isWarm = tally.completed >= concurrency || spent(at: now) > budget / 3
            if isWarm { warm = tally }
        }
        if warm != nil, failure == nil { cut() }
    }

    /// Whether the rate is known to ± 2.5 %, or the budget is spent.
    public func isFinished(at now: UInt64) -> Bool {
        isPrecise || spent(at: now) >= budget
    }

    /// What was measured so far, from the end of one burst to the end of another.
    ///
    /// - Parameters:
    ///   - server: what the server itself says; nil if it says nothing.
    ///   - now: until when nothing more has ended, so that the last burst counts if it is over; nil
    ///     if that is not known.
    public func row(server: SweepRow.ServerFigures?, at now: UInt64? = nil) -> SweepRow {
        let trailing = edges.trailingEdge(at: now)
        var whole = rate
        if let trailing { whole.note(trailing) }
        let isRateKnown = whole.batches.bins.count > 1
        let regular = cycles.rate
        let (first, last) =
            regular == nil
            ? span(to: trailing, isRateKnown: isRateKnown) : (warm ?? Tally(time: start), tally)
        let seconds = last.seconds(since: first)
        let good = times.count > 0 ? times : warmUpTimes
        return SweepRow(
            concurrency: concurrency, seconds: seconds,
            rate: regular
                ?? (isRateKnown ? whole.batches.interval : roughRate(from: first, to: last)),
            completed: last.completed - first.completed,
            failures: kinds.failures(from: first.failures, to: last.failures),
            p50: good.percentile(50).map { Double($0) / 1e9 },
            p95: good.percentile(95).map { Double($0) / 1e9 },
            meanTime: last.meanTime(since: first), server: server,
            outliers: whole.batches.outliers)
    }

    // MARK: Details

    private mutating func note(_ place: Int, at now: UInt64, isGood: Bool) {
        cycles.note(place, at: now, isGood: isGood)
        if let rate = cycles.rate, rate.relative <= Self.wantedHalfWidth { isPrecise = true }
    }

    private func spent(at now: UInt64) -> UInt64 { now > start ? now - start : 0 }

    private mutating func count(_ failure: String) {
        let number = kinds.number(of: failure)
        while tally.failures.count <= number { tally.failures.append(0) }
        tally.failures[number] += 1
    }

    /// A good completion may be the end of a bin.
    private mutating func cut() {
        let latency = UInt64((times.mean ?? warmUpTimes.mean ?? 0) / 2)
        let window = min(max(latency, Self.shortestWindow), budget / 8)
        guard let edge = edges.note(tally, window: window) else { return }
        guard firstEdge != nil else {
            firstEdge = edge
            // After a burst, the first of all is as good as the others; else it was the ramp.
            let isBurst = edges.pause >= PauseEdges.shortestBin
            rate = RenewalRate(first: edge, after: isBurst ? Tally(time: start) : nil)
            return
        }
        rate.note(edge)
        guard rate.batches.bins.count >= Self.fewestBins else { return }
        isPrecise = rate.batches.interval.relative <= Self.wantedHalfWidth
    }

    /// From edge to edge. If there are too few, from the start, when all began at once: rates from
    /// a single bin to the next may be anything.
    private func span(to trailing: Tally?, isRateKnown: Bool) -> (first: Tally, last: Tally) {
        let begin = Tally(time: start)
        if let firstEdge, let edge = trailing ?? edges.edge {
            return (isRateKnown ? firstEdge : begin, edge)
        }
        guard let warm, warm.time < tally.time, tally.good == 0 else { return (begin, tally) }
        return (warm, tally)
    }

    /// The time stays that of its first end.
    private mutating func noteBurst() {
        let time = firstBurst?.time ?? tally.time
        firstBurst = tally
        firstBurst?.time = time
    }

    /// Who goes on from another number of connections has not begun all at once.
    private var rateSinceFirstBurst: Double {
        guard let firstBurst, tally.good > firstBurst.good, tally.time > firstBurst.time else {
            return .infinity
        }
        return Double(tally.good - firstBurst.good) / tally.seconds(since: firstBurst)
    }

    /// Without bins: the more careful of two guesses.
    private func roughRate(from first: Tally, to last: Tally) -> Interval {
        let seconds = last.seconds(since: first)
        guard seconds > 0 else { return Interval(mean: 0, halfWidth: .infinity) }
        let good = last.good - first.good
        // The rule of three: if none came, in 95 of 100 cases fewer than three were to be expected.
        guard good > 0 else { return Interval(mean: 0, halfWidth: 3 / seconds) }
        let rate = min(Double(good) / seconds, rateSinceFirstBurst)
        return Interval(mean: rate, halfWidth: .infinity)
    }
}
