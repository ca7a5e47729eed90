/// Cuts time into bins of 100 ms or more, each from a good completion to a good completion.
///
/// Downloads that began together end together: with fixed edges, one burst more or less falls into
/// a measurement, which is 20 % of five. Hence a bin ends with the completion that the longest
/// pause follows, which is the last of its burst; if they come evenly, any one is as good.
struct PauseEdges {
    /// The shortest bin, in nanoseconds.
    static let shortestBin: UInt64 = 100_000_000

    /// The last edge of those that are certain.
    private(set) var edge: Tally?
    /// What follows it, in nanoseconds.
    private(set) var pause: UInt64 = 0
    private var last: Tally?
    private var best: (tally: Tally, pause: UInt64)?
    /// When the first completion came that may be the next edge.
    private var opened: UInt64 = 0
    /// Of those that follow the edges so far.
    private var shortestPause = UInt64.max

    /// - Parameters:
    ///   - tally: with the good completion that has just come.
    ///   - window: for how long a longer pause is looked for, in nanoseconds.
    /// - Returns: the next edge, as soon as it is certain.
    mutating func note(_ tally: Tally, window: UInt64) -> Tally? {
        if let last { consider(last, pause: tally.time - last.time) }
        last = tally
        guard let best, tally.time - opened > window else { return nil }
        (edge, pause, self.best) = (best.tally, best.pause, nil)
        shortestPause = min(shortestPause, best.pause)
        return best.tally
    }

    /// The last edge if nothing comes any more: only after a pause that is somewhat like those
    /// before, since otherwise it lies within a burst.
    ///
    /// - Parameter now: until when nothing more has come; nil if that is not known.
    func trailingEdge(at now: UInt64?) -> Tally? {
        var edges = self
        if let now, let last, now > last.time {
            edges.consider(last, pause: now - last.time)
        }
        guard let best = edges.best, edge != nil, best.pause >= shortestPause / 4 else {
            return nil
        }
        return best.tally
    }

    private mutating func consider(_ candidate: Tally, pause: UInt64) {
        if let edge, candidate.time - edge.time < Self.shortestBin { return }
        if best == nil { opened = candidate.time }
        if pause > best?.pause ?? 0 || best == nil { best = (candidate, pause) }
    }
}
