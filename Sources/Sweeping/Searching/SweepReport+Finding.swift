extension SweepReport {
    /// Draws the conclusions from what was measured.
    ///
    /// - Parameters:
    ///   - name: what was asked: `DELAY`, or the command that was run.
    ///   - unit: what is counted: `flags` or `downloads`.
    ///   - rows: in any order.
    ///   - seed: for the intervals of the model.
    public init(name: String, unit: String, rows: [SweepRow], seed: UInt64) {
        let rows = rows.sorted { $0.concurrency < $1.concurrency }
        let choice = ModelChoice(rows.compactMap(RatePoint.init), seed: seed)
        let alone = rows.first { $0.concurrency == 1 }?.meanTime ?? 0
        self.init(
            name: name, unit: unit, rows: rows,
            singleTime: alone > 0 && alone.isFinite ? alone : nil, model: choice.model,
            knee: choice.knee, recommended: rows.smallestNearBest?.concurrency,
            sentence: SweepSentence(rows: rows, unit: unit, knee: choice.knee).text,
            intervals: choice.intervals)
    }
}
