/// The bounds that fit best: X(N) = min(N / R₀, X_max).
struct BoundsFit {
    /// 1 / R₀, per second.
    let slope: Double
    /// X_max, per second; infinity if there is none.
    let roof: Double
    let squares: Double

    /// A line through the origin: no roof.
    ///
    /// - Returns: nil if there are no points.
    init?(line points: [RatePoint]) {
        self.init(ramp: points[...], flat: [], all: points)
    }

    /// With a roof, each point being on either side of the knee in turn.
    ///
    /// - Parameter points: in the order of their concurrency.
    /// - Returns: nil with fewer than two points.
    init?(roofed points: [RatePoint]) {
        var best: BoundsFit?
        for count in points.indices.dropFirst() {
            let fit = BoundsFit(ramp: points[..<count], flat: points[count...], all: points)
            guard let fit else { continue }
            if fit.squares < best?.squares ?? .infinity { best = fit }
        }
        guard let best else { return nil }
        self = best
    }

    var model: SweepModel { .bounds(time: 1 / slope, roof: roof) }
    var knee: Double { roof / slope }

    /// Two weighted means.
    private init?(
        ramp: ArraySlice<RatePoint>, flat: ArraySlice<RatePoint>, all: [RatePoint]
    ) {
        let slope = Self.factor(ramp) { $0.concurrency }
        let roof = flat.isEmpty ? Double.infinity : Self.factor(flat) { _ in 1 }
        guard slope > 0, slope.isFinite, roof > 0 else { return nil }
        (self.slope, self.roof) = (slope, roof)
        squares = all.squares { min(slope * $0, roof) }
    }

    /// That by which a shape has to be multiplied so that it is nearest to the points.
    private static func factor(
        _ points: ArraySlice<RatePoint>, shape: (RatePoint) -> Double
    ) -> Double {
        var (product, square) = (0.0, 0.0)
        for point in points {
            let (value, weight) = (shape(point), 1 / (point.uncertainty * point.uncertainty))
            product += weight * value * point.rate
            square += weight * value * value
        }
        return product / square
    }
}
