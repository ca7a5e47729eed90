/// Least squares with up to three unknowns, step by step: what each point asks of them is added
/// up, then solved. Unknowns that no point speaks of stay 0.
struct NormalEquations {
    private var (a, b, c) = (0.0, 0.0, 0.0)
    private var (ab, ac, bc) = (0.0, 0.0, 0.0)
    private var (ra, rb, rc) = (0.0, 0.0, 0.0)

    /// - Parameters:
    ///   - first: how the value of a point grows with each unknown.
    ///   - residual: by how much the value should be greater.
    mutating func add(_ first: Double, _ second: Double, _ third: Double, residual: Double) {
        a += first * first
        b += second * second
        c += third * third
        ab += first * second
        ac += first * third
        bc += second * third
        ra += first * residual
        rb += second * residual
        rc += third * residual
    }

    /// - Parameter damping: the greater, the shorter the step and the steeper downwards
    ///   (Levenberg and Marquardt); 0 for the solution.
    /// - Returns: nil if the points do not determine it.
    func solution(damping: Double = 0) -> (Double, Double, Double)? {
        // Scaled to a diagonal of 1, as the unknowns differ by orders of magnitude.
        let (sa, sb, sc) = (scale(a), scale(b), scale(c))
        let (x, y, z) = (ab * sa * sb, ac * sa * sc, bc * sb * sc)
        let (p, q, r) = (ra * sa, rb * sb, rc * sc)
        let d = 1 + damping
        // Cramer's rule.
        let determinant = d * (d * d - z * z) - x * (x * d - z * y) + y * (x * z - d * y)
        guard determinant > 1e-14 else { return nil }
        let first = p * (d * d - z * z) - x * (q * d - z * r) + y * (q * z - d * r)
        let second = d * (q * d - z * r) - p * (x * d - z * y) + y * (x * r - q * y)
        let third = d * (d * r - q * z) - x * (x * r - q * y) + p * (x * z - d * y)
        return (
            first / determinant * sa, second / determinant * sb, third / determinant * sc
        )
    }

    private func scale(_ square: Double) -> Double { square > 0 ? 1 / square.squareRoot() : 0 }
}
