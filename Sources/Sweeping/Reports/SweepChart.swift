/// What a picture of a sweep shows, in units, not in dots: rate over concurrency.
struct SweepChart {
    struct Point {
        let concurrency: Double
        let rate: Interval
        let isRecommended: Bool
    }

    /// What can be drawn; other numbers are left out.
    private static let concurrencies = 1...1e9
    private static let rates = 0...1e12
    /// A picture of nothing but zeros still has an axis.
    private static let leastRate = 1e-6
    /// By how much whiskers and model may raise the roof of the picture.
    private static let headroom = 1.5
    /// Nothing is drawn beyond this many times the largest number measured.
    private static let reach: Double = 2

    let points: [Point]
    /// Nil if there is none that can be drawn.
    let knee: Double?
    let horizontal: ChartAxis
    let vertical: ChartAxis
    /// Concurrency from the first to the last that was measured.
    let measured: ClosedRange<Double>
    private let model: SweepModel?
    private let singleTime: Double?

    /// - Parameters:
    ///   - across: numbers beside the horizontal axis at most.
    ///   - upward: steps of the vertical axis at most.
    /// - Returns: nil if no row can be drawn.
    init?(_ report: SweepReport, across: Int, upward: Int) {
        let points = report.rows.compactMap { Self.point($0, report.recommended) }
        let numbers = points.map(\.concurrency)
        guard let first = numbers.min(), let last = numbers.max() else { return nil }
        (self.points, measured) = (points, first...last)
        (model, singleTime) = (report.model, report.singleTime)
        knee = Self.knee(report.knee, first...last)
        horizontal = .level(numbers + (knee.map { [$0] } ?? []), most: across)
        vertical = .upright(to: Self.top(points, report.model), most: upward)
    }

    private static func point(_ row: SweepRow, _ recommended: Int?) -> Point? {
        let concurrency = Double(row.concurrency)
        guard concurrencies.contains(concurrency), rates.contains(row.rate.mean) else {
            return nil
        }
        return Point(
            concurrency: concurrency, rate: row.rate,
            isRecommended: row.concurrency == recommended)
    }

    private static func knee(_ knee: SweepReport.Knee, _ measured: ClosedRange<Double>) -> Double? {
        switch knee {
        case .at(let number):
            (measured.lowerBound...measured.upperBound * reach).contains(number) ? number : nil
        case .none: nil
        }
    }

    private static func top(_ points: [Point], _ model: SweepModel?) -> Double {
        let best = points.map(\.rate.mean).max() ?? 0
        let others: [Double] =
            points.map { $0.rate.mean + $0.rate.halfWidth }
            + points.compactMap { model?.rate(at: $0.concurrency) }
        let heights = others.filter { $0 <= best * headroom }
        return max(best, heights.max() ?? 0, leastRate)
    }

    // MARK: Curves

    /// One row alone is no curve.
    var hasModel: Bool { model != nil && measured.lowerBound < measured.upperBound }

    /// The model's rate, where something was measured and the picture is high enough.
    func modelRate(at concurrency: Double) -> Double? {
        // What is computed from a place on the axis may lie beside its end by a trifle.
        let isInside =
            concurrency >= measured.lowerBound * (1 - 1e-9)
            && concurrency <= measured.upperBound * (1 + 1e-9)
        guard isInside, hasModel else { return nil }
        return model.flatMap { visible($0.rate(at: concurrency)) }
    }

    /// N / R₁: what Little's law promises if nothing ever got slower.
    func idealRate(at concurrency: Double) -> Double? {
        guard let singleTime, singleTime > 0 else { return nil }
        return visible(concurrency / singleTime)
    }

    private func visible(_ rate: Double) -> Double? {
        (0...vertical.high * (1 + 1e-9)).contains(rate) ? rate : nil
    }

    /// Where the ideal line leaves the picture, or its end.
    var idealEnd: Double? {
        guard let singleTime, singleTime > 0, singleTime.isFinite else { return nil }
        let end = min(vertical.high * singleTime, horizontal.high)
        return end > max(horizontal.low, 0) ? end : nil
    }
}
