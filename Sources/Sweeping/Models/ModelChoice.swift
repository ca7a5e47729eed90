import Glibc

/// Which of the models tells best how the rate depends on the number of connections, and whether
/// there is a knee.
struct ModelChoice {
    /// So many rate the intervals of the law; 2.5 % of them (and one more) lie beyond either end.
    private static let repeats = 399
    /// Nothing is said about more than so many times the greatest number measured.
    private static let farthest = 2.0

    /// nil if there are too few points.
    let model: SweepModel?
    let knee: SweepReport.Knee
    /// nil if the model is not the universal scalability law.
    let intervals: ScalabilityIntervals?

    /// - Parameters:
    ///   - points: in the order of their concurrency.
    ///   - seed: for the bootstrap.
    init(_ points: [RatePoint], seed: UInt64) {
        let segments = SegmentedRegression(points)
        let bounds = Self.bounds(points, hasKnee: segments?.hasKnee == true)
        let law = ScalabilityFit(points)
        let lawCriterion = law.flatMap {
            Self.criterion($0.squares, points: points.count, parameters: 3)
        }
        let boundsCriterion = bounds.flatMap {
            Self.criterion(
                $0.squares, points: points.count, parameters: $0.roof.isFinite ? 2 : 1)
        }
        guard let law, let lawCriterion, lawCriterion < boundsCriterion ?? .infinity else {
            (model, intervals) = (boundsCriterion == nil ? nil : bounds?.model, nil)
            knee = Self.knee(points, segments: segments, peak: bounds?.knee, law: nil)
            return
        }
        model = law.model
        intervals = ScalabilityIntervals(law, points: points, repeats: Self.repeats, seed: seed)
        knee = Self.knee(points, segments: segments, peak: law.peak, law: law)
    }

    /// Without a knee, a roof would be fitted to chance, unless a line without one tells nothing.
    private static func bounds(_ points: [RatePoint], hasKnee: Bool) -> BoundsFit? {
        let (line, roofed) = (BoundsFit(line: points), BoundsFit(roofed: points))
        guard !hasKnee, let line, let roofed else { return hasKnee ? roofed : line }
        return roofed.squares < line.squares / 4 ? roofed : line
    }

    /// Akaike's, corrected for few points: the smaller, the better.
    ///
    /// - Parameters:
    ///   - squares: in squares of what the measurement leaves uncertain; a model that is nearer
    ///     than that is not the better one.
    ///   - parameters: of the model; the size of its errors is one more.
    /// - Returns: nil if there are too few points: 4 for one parameter, 6 for three.
    static func criterion(_ squares: Double, points: Int, parameters: Int) -> Double? {
        let (count, unknowns) = (Double(points), Double(parameters + 1))
        guard count - unknowns - 1 > 0, squares.isFinite else { return nil }
        let correction = 2 * unknowns * (unknowns + 1) / (count - unknowns - 1)
        return count * log(max(squares / count, 1)) + 2 * unknowns + correction
    }

    // MARK: Knee

    private static func knee(
        _ points: [RatePoint], segments: SegmentedRegression?, peak: Double?, law: ScalabilityFit?
    ) -> SweepReport.Knee {
        guard let last = points.last else { return .none(reason: "no knee: nothing succeeded") }
        let most = last.concurrency
        // A law that gets worse far away only, or never, bends everywhere a little.
        let isSmooth = law != nil && peak.map { $0 > farthest * most } ?? true
        guard let segments, segments.hasKnee, !isSmooth else {
            let reason = reason(points, segments: segments, law: law)
            return .none(reason: "no knee up to \(RateText.number(most)): \(reason)")
        }
        return .at(
            peak.map { $0 <= farthest * most ? $0 : segments.breakpoint } ?? segments.breakpoint)
    }

    /// Whether the fewest connections already bring nearly all.
    private static func isFlat(_ points: [RatePoint]) -> Bool {
        let best = points.reduce(0) { max($0, $1.rate) }
        return points.first.map { $0.rate >= 0.9 * best } ?? false
    }

    private static func reason(
        _ points: [RatePoint], segments: SegmentedRegression?, law: ScalabilityFit?
    ) -> String {
        guard points.count >= SegmentedRegression.fewestPoints, let first = points.first,
            let last = points.last
        else {
            return "it takes \(SegmentedRegression.fewestPoints) numbers to see one, and there are "
                + "\(points.count)"
        }
        let best = points.reduce(0) { max($0, $1.rate) }
        if isFlat(points) {
            return "\(RateText.number(first.concurrency)) already brings nearly all"
        }
        let half = points.count / 2
        let (few, many) = (points.prefix(half).meanShare, points.suffix(half).meanShare)
        if many >= 0.9 * few { return "every connection more brings the same" }
        let isRising = (segments?.slopeAfter ?? 0) > 0 && last.rate >= 0.9 * best
        guard isRising || law != nil else { return "the rates follow no clear line" }
        return "every connection more brings a little less" + ceiling(law, most: last.concurrency)
    }

    /// Only where the law comes near its roof within what may be said.
    private static func ceiling(_ law: ScalabilityFit?, most: Double) -> String {
        guard let law, let roof = law.roof, law.coherency == 0,
            law.model.rate(at: farthest * most) >= 0.8 * roof
        else { return "" }
        return ", and never more than \(RateText.rate(roof))/s in all"
    }
}
