import Faults

/// Where the true values of the universal scalability law lie in 95 of 100 cases.
public struct ScalabilityIntervals: Equatable, Sendable {
    /// α, 0 or more.
    public let contention: ClosedRange<Double>
    /// β, 0 or more.
    public let coherency: ClosedRange<Double>
    /// γ, per second.
    public let single: ClosedRange<Double>

    /// A parametric bootstrap: the fitted law is measured again and again, with errors as they
    /// were seen, and fitted again.
    ///
    /// How large errors are is itself uncertain with a dozen rows. Hence each time they are drawn
    /// with another size that would have left what was seen (its χ² distribution); otherwise the
    /// intervals are too narrow, as with any plain bootstrap of so few.
    ///
    /// - Returns: nil if there are no more points than unknowns.
    init?(_ fit: ScalabilityFit, points: [RatePoint], repeats: Int, seed: UInt64) {
        let spare = points.count - fit.free.parameters
        guard spare > 0 else { return nil }
        var generator = SeededGenerator(seed: seed)
        let rates = points.map { fit.model.rate(at: $0.concurrency) }
        var fits: [ScalabilityFit] = []
        for _ in 0..<repeats {
            let chance = (0..<spare).reduce(0.0) { sum, _ in
                let normal = generator.normal()
                return sum + normal * normal
            }
            let size = (fit.squares / max(chance, 1e-9)).squareRoot()
            let again = zip(points, rates).map { point, rate in
                let error = size * point.uncertainty * generator.normal()
                return RatePoint(
                    concurrency: point.concurrency, rate: max(rate + error, rate / 100),
                    uncertainty: point.uncertainty)
            }
            if let found = ScalabilityFit(again, tolerance: 1e-4) { fits.append(found) }
        }
        guard let contention = Self.middle(fits.map(\.contention)),
            let coherency = Self.middle(fits.map(\.coherency)),
            let single = Self.middle(fits.map(\.single))
        else { return nil }
        (self.contention, self.coherency, self.single) = (contention, coherency, single)
    }

    /// That in which 95 % of the values lie.
    private static func middle(_ values: [Double]) -> ClosedRange<Double>? {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let beyond = (sorted.count + 1) / 40
        guard beyond > 0 else { return first...last }
        return sorted[beyond - 1]...sorted[sorted.count - beyond]
    }
}
