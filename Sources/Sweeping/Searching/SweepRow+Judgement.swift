extension SweepRow {
    /// Whether the slow ones take more than twice as long as with one connection (or the fewest).
    func isSlow(comparedTo single: SweepRow) -> Bool {
        guard let p95, let alone = single.p95 else { return false }
        return p95 > 2 * alone
    }

    /// The most frequent failure.
    var mainFailure: String? { failures.max { $0.count < $1.count }?.kind }
}

extension [SweepRow] {
    /// Those that can be recommended: of which enough is known, or which are far better than those,
    /// and at which no more fail than with fewer connections; if that leaves none, all.
    private var trusted: [SweepRow] {
        let best = filter(\.rate.halfWidth.isFinite).reduce(0) { Swift.max($0, $1.rate.mean) }
        var before = FailureShare()
        var trusted: [SweepRow] = []
        for row in sorted(by: { $0.concurrency < $1.concurrency }) {
            let rises = before.rises(to: row)
            if !rises { before.add(row) }
            guard row.rate.mean > 0, row.rate.mean.isFinite else { continue }
            let isKnown = row.rate.halfWidth.isFinite || row.rate.mean > 1.15 * best
            if !rises, isKnown { trusted.append(row) }
        }
        return trusted.isEmpty ? filter { $0.rate.mean > 0 && $0.rate.mean.isFinite } : trusted
    }

    /// The one with the highest rate of good downloads, the smallest of several; nil if nothing
    /// succeeded.
    var best: SweepRow? {
        trusted.min {
            ($1.rate.mean, $0.concurrency) < ($0.rate.mean, $1.concurrency)
        }
    }

    /// The smallest within 5 % of the best; nil if nothing succeeded.
    var smallestNearBest: SweepRow? { nearBest.min { $0.concurrency < $1.concurrency } }

    /// All within 5 % of the best.
    var nearBest: [SweepRow] {
        guard let best else { return [] }
        return trusted.filter { $0.rate.mean >= 0.95 * best.rate.mean }
    }
}
