/// The universal scalability law that fits best: X(N) = γN / (1 + α(N−1) + βN(N−1)).
struct ScalabilityFit {
    /// Which of α and β may be other than 0.
    struct Free {
        let contention: Bool
        let coherency: Bool

        static let both = Free(contention: true, coherency: true)
        /// Where one or both lie at their bound of 0.
        static let bounds = [
            Free(contention: true, coherency: false), Free(contention: false, coherency: true),
            Free(contention: false, coherency: false),
        ]

        /// γ is always one.
        var parameters: Int { 1 + (contention ? 1 : 0) + (coherency ? 1 : 0) }
    }

    /// α.
    private(set) var contention: Double
    /// β.
    private(set) var coherency: Double
    /// γ, per second.
    private(set) var single: Double
    private(set) var squares: Double
    private(set) var free: Free

    /// Non-linear least squares (Levenberg and Marquardt) under α, β ≥ 0: without these bounds
    /// first, and if that leaves them, along each of them.
    ///
    /// - Parameter tolerance: it ends when a step makes the squares smaller by less than this part.
    /// - Returns: nil if the points do not determine it.
    init?(_ points: [RatePoint], tolerance: Double = 1e-12) {
        if let fit = Self.descended(points, .both, tolerance), fit.isPossible {
            self = fit
            return
        }
        let fits = Free.bounds.compactMap { Self.descended(points, $0, tolerance) }
        let best = fits.filter(\.isPossible).min { $0.squares < $1.squares }
        guard let best else { return nil }
        self = best
    }

    var model: SweepModel {
        .scalability(contention: contention, coherency: coherency, single: single)
    }

    /// ⌊√((1−α)/β)⌋, from where it gets worse, 1 or more; nil if it never does.
    var peak: Double? {
        guard coherency > 0 else { return nil }
        return max((max(1 - contention, 0) / coherency).squareRoot().rounded(.down), 1)
    }

    /// γ/α, which no number of connections exceeds; nil if there is none.
    var roof: Double? { contention > 0 ? single / contention : nil }

    // MARK: Descent

    private init(_ free: Free, single: Double, contention: Double, coherency: Double) {
        (self.free, self.single, squares) = (free, single, .infinity)
        (self.contention, self.coherency) = (contention, coherency)
    }

    private var isPossible: Bool {
        squares.isFinite && single > 0 && contention >= 0 && coherency >= 0
    }

    private static func descended(
        _ points: [RatePoint], _ free: Free, _ tolerance: Double
    ) -> ScalabilityFit? {
        guard var fit = started(points, free) else { return nil }
        var damping = 1e-4
        for _ in 0..<100 {
            guard damping < 1e8, let next = fit.stepped(points, damping) else { break }
            guard next.squares < fit.squares else {
                damping *= 10
                continue
            }
            let isDone = fit.squares - next.squares <= tolerance * fit.squares
            (fit, damping) = (next, damping / 10)
            if isDone { break }
        }
        return fit
    }

    /// N/X is linear in 1/γ, α/γ and β/γ, and a first guess is near when errors are small.
    private static func started(_ points: [RatePoint], _ free: Free) -> ScalabilityFit? {
        var equations = NormalEquations()
        for point in points {
            let number = point.concurrency
            let time = number / point.rate
            let weight = point.rate / point.uncertainty / time
            equations.add(
                weight, free.contention ? (number - 1) * weight : 0,
                free.coherency ? number * (number - 1) * weight : 0, residual: time * weight)
        }
        guard let (time, waiting, agreeing) = equations.solution(), time > 0 else { return nil }
        var fit = ScalabilityFit(
            free, single: 1 / time, contention: waiting / time, coherency: agreeing / time)
        fit.squares = fit.squares(points)
        return fit.squares.isFinite ? fit : nil
    }

    private func stepped(_ points: [RatePoint], _ damping: Double) -> ScalabilityFit? {
        var equations = NormalEquations()
        for point in points {
            let number = point.concurrency
            let share = number / divisor(number) / point.uncertainty
            let slope = -single * share / divisor(number) * (number - 1)
            equations.add(
                share, free.contention ? slope : 0, free.coherency ? slope * number : 0,
                residual: point.rate / point.uncertainty - single * share)
        }
        guard let step = equations.solution(damping: damping) else { return nil }
        var next = self
        next.single += step.0
        next.contention += step.1
        next.coherency += step.2
        next.squares = next.squares(points)
        return next
    }

    private func divisor(_ number: Double) -> Double {
        1 + (contention + coherency * number) * (number - 1)
    }

    /// Infinite where the law makes no sense.
    private func squares(_ points: [RatePoint]) -> Double {
        var sum = 0.0
        for point in points {
            let divisor = divisor(point.concurrency)
            guard divisor > 0 else { return .infinity }
            let residual = point.residual(single * point.concurrency / divisor)
            sum += residual * residual
        }
        return sum.isFinite ? sum : .infinity
    }
}
