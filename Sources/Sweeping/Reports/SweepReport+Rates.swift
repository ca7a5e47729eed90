extension SweepReport {
    /// Measured with one at a time, per second; nil if nobody did or nothing succeeded.
    var singleRate: Double? {
        rows.first { $0.concurrency == 1 }.map(\.rate.mean).flatMap { $0 > 0 ? $0 : nil }
    }

    /// How many times as fast as one at a time.
    func speedUp(_ row: SweepRow) -> Double? { singleRate.map { row.rate.mean / $0 } }
}
