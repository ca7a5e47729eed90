/// Two straight lines that meet at a break, against a single one: whether there is a knee at all.
struct SegmentedRegression {
    /// Fewer cannot support a knee.
    static let fewestPoints = 5
    /// At least so many lie on either line, or a single one would make a knee by chance.
    private static let fewestOnALine = 2
    /// Of places for the break between two neighbouring points.
    private static let steps = 16

    /// Where the lines meet.
    let breakpoint: Double
    /// Per second, for each connection more.
    let slopeBefore: Double
    let slopeAfter: Double
    private let squares: Double
    private let squaresOfLine: Double
    private let count: Int

    /// - Parameter points: in the order of their concurrency.
    /// - Returns: nil if there are fewer than `fewestPoints`, or no two lines fit.
    init?(_ points: [RatePoint]) {
        guard points.count >= Self.fewestPoints else { return nil }
        guard let line = Self.fit(points, breakpoint: .infinity) else { return nil }
        let found = Self.breakpoints(points).compactMap { breakpoint in
            Self.fit(points, breakpoint: breakpoint).map { (breakpoint, $0) }
        }
        guard let best = found.min(by: { $0.1.squares < $1.1.squares }) else { return nil }
        (breakpoint, count) = (best.0, points.count)
        (squares, squaresOfLine) = (best.1.squares, line.squares)
        slopeBefore = best.1.slope
        slopeAfter = best.1.slope + best.1.bend
    }

    /// The rate grows to the break, afterwards by a quarter of that at most, and the error (the
    /// root of the mean square) is half that of a single line or less.
    var hasKnee: Bool {
        slopeBefore > 0 && slopeAfter <= 0.25 * slopeBefore && !isStraight
            && squares <= 0.25 * squaresOfLine
    }

    /// Whether a single line explains all as well as it was measured.
    var isStraight: Bool { squaresOfLine <= Double(count) }

    private static func breakpoints(_ points: [RatePoint]) -> [Double] {
        let inner = points[(fewestOnALine - 1)...(points.count - fewestOnALine)]
        return zip(inner, inner.dropFirst()).flatMap { left, right in
            (0...steps).map { step in
                let share = Double(step) / Double(steps)
                return left.concurrency + (right.concurrency - left.concurrency) * share
            }
        }
    }

    /// Height at 0, slope, and how much the slope changes at the break.
    private static func fit(
        _ points: [RatePoint], breakpoint: Double
    ) -> (slope: Double, bend: Double, squares: Double)? {
        var equations = NormalEquations()
        for point in points {
            let weight = 1 / point.uncertainty
            let beyond = max(point.concurrency - breakpoint, 0)
            equations.add(
                weight, point.concurrency * weight, beyond * weight,
                residual: point.rate * weight)
        }
        guard let (height, slope, bend) = equations.solution() else { return nil }
        let squares = points.squares { height + slope * $0 + bend * max($0 - breakpoint, 0) }
        return (slope, bend, squares)
    }
}
