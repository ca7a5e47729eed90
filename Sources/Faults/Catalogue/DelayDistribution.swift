/// How the delays of `latency` are spread around it.
///
/// All is computed in whole numbers, from fixed tables: one seed has the same delays on every
/// machine. None is below 0 or above `longest`.
public enum DelayDistribution: String, CaseIterable, Sendable {
    /// Evenly, by at most the jitter.
    case uniform
    /// The jitter is the standard deviation.
    case normal
    /// As answers of servers are: never below 0, with a long tail. Mean and standard deviation are
    /// latency and jitter.
    case lognormal
    /// None is quicker than a certain time, few take very much longer. Mean and standard deviation
    /// are latency and jitter.
    case pareto

    /// Longest delay that is drawn, in nanoseconds: twice the longest that can be given.
    static let longest: Nanoseconds = 2_000_000_000_000_000_000

    /// A delay, in nanoseconds.
    ///
    /// - Parameters:
    ///   - mean: at most 10^18.
    ///   - spread: at most 10^18; from 1.
    func delay(
        _ mean: Nanoseconds, spread: Nanoseconds, _ generator: inout SeededGenerator
    ) -> Nanoseconds {
        switch self {
        case .uniform:
            let drawn = mean &+ generator.next(below: 2 * spread + 1)
            return drawn > spread ? drawn - spread : 0
        case .normal: return Self.normal(mean, spread, generator.next())
        case .lognormal: return Self.lognormal(mean, spread, generator.next())
        case .pareto: return Self.pareto(mean, spread, generator.next())
        }
    }

    /// Whether there is none around 0.
    var needsMean: Bool {
        switch self {
        case .uniform, .normal: false
        case .lognormal, .pareto: true
        }
    }

    private static func normal(
        _ mean: Nanoseconds, _ spread: Nanoseconds, _ drawn: UInt64
    ) -> Nanoseconds {
        let deviation = NormalQuantiles.deviation(drawn)
        let offset = FixedPoint.scaled(spread, by: deviation.size, bits: 24)
        if deviation.isBelow { return mean > offset ? mean - offset : 0 }
        return min(mean + offset, longest)
    }

    /// With v = 1 + (spread / mean)²: a median of mean / √v, times e to the power of a normal
    /// deviate whose variance is ln v.
    private static func lognormal(
        _ mean: Nanoseconds, _ spread: Nanoseconds, _ drawn: UInt64
    ) -> Nanoseconds {
        let (a, b) = ratio(mean, spread)
        // log2 v, in 2^48-ths.
        let whole = FixedPoint.log2(a * a + b * b, bits: 48) - 2 * FixedPoint.log2(a, bits: 48)
        let logarithm = UInt64(max(whole, 0))
        // The variance in the world of base 2 is log2 v / ln 2; its root, in 2^28-ths.
        let variance = FixedPoint.scaled(logarithm, by: Self.inverseOfLn2, bits: 62)
        let sigma = FixedPoint.squareRoot(variance << 8)
        let deviation = NormalQuantiles.deviation(drawn)
        let size = Int64((sigma * deviation.size) >> 20)
        let exponent = (deviation.isBelow ? -size : size) - Int64(logarithm >> 17)
        return FixedPoint.exp2(exponent, times: mean, limit: longest)
    }

    /// 1 / ln 2, in 2^62-ths.
    private static let inverseOfLn2: UInt64 = 0x5c55_1d94_ae0b_f85e

    /// With h = √(mean² + spread²): the shape is 1 + h / spread, the shortest mean · h / (h +
    /// spread), and it is divided by a chance to the power of 1 / shape.
    private static func pareto(
        _ mean: Nanoseconds, _ spread: Nanoseconds, _ drawn: UInt64
    ) -> Nanoseconds {
        let (a, b) = ratio(mean, spread)
        let root = FixedPoint.squareRoot(a * a + b * b)
        let sum = root + b
        let shortest = sum.dividingFullWidth(mean.multipliedFullWidth(by: root)).quotient
        // Of the chance, which lies below 1.
        let logarithm = UInt64(64 << 32 - FixedPoint.log2(drawn, bits: 32))
        let exponent = sum.dividingFullWidth(logarithm.multipliedFullWidth(by: b)).quotient
        return FixedPoint.exp2(Int64(exponent), times: shortest, limit: longest)
    }

    /// Mean and spread in 31 bits, the mean from 1: of their ratio nothing is lost that counts.
    private static func ratio(_ mean: UInt64, _ spread: UInt64) -> (mean: UInt64, spread: UInt64) {
        let shift = UInt64(max(33 - max(mean, spread).leadingZeroBitCount, 0))
        return (max(mean >> shift, 1), spread >> shift)
    }
}
