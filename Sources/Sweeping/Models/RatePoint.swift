/// A row as the models see it.
struct RatePoint {
    /// Rows differ by more than what their own intervals say; beyond the last, a row is as good
    /// as unknown, but not quite. Parts of the rate.
    private static let uncertainties = 0.01...0.25

    let concurrency: Double
    /// Good downloads per second.
    let rate: Double
    /// The standard error of the rate; distances from a model are counted in it.
    let uncertainty: Double

    init(concurrency: Double, rate: Double, uncertainty: Double) {
        (self.concurrency, self.rate) = (concurrency, rate)
        self.uncertainty = uncertainty
    }

    /// - Returns: nil if nothing succeeded, which no model of the rate explains.
    init?(_ row: SweepRow) {
        let (rate, relative) = (row.rate.mean, row.rate.relative / StudentT.normal)
        guard row.concurrency > 0, rate > 0, rate.isFinite, relative >= 0 else { return nil }
        let limits = Self.uncertainties
        let known = min(max(relative, limits.lowerBound), limits.upperBound)
        self.init(
            concurrency: Double(row.concurrency), rate: rate, uncertainty: rate * known)
    }

    /// How far the measured rate lies above that of a model.
    func residual(_ modelled: Double) -> Double { (rate - modelled) / uncertainty }
}

extension [RatePoint] {
    /// The sum of the squares of all residuals.
    func squares(_ rate: (Double) -> Double) -> Double {
        var sum = 0.0
        for point in self {
            let residual = point.residual(rate(point.concurrency))
            sum += residual * residual
        }
        return sum.isFinite ? sum : .infinity
    }
}

extension ArraySlice<RatePoint> {
    /// What one connection brings on average, per second; of one point or more.
    var meanShare: Double { reduce(0) { $0 + $1.rate / $1.concurrency } / Double(count) }
}
