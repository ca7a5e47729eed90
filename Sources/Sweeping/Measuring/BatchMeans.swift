/// The mean rate over bins of time, and its interval, although neighbouring bins may depend on
/// each other: bins are merged until they do not.
struct BatchMeans {
    /// What was counted, and in how long.
    struct Bin {
        var good: Double
        var seconds: Double

        static func + (left: Bin, right: Bin) -> Bin {
            Bin(good: left.good + right.good, seconds: left.seconds + right.seconds)
        }
    }

    /// With more, two become one, so that a long measurement needs no more memory.
    static let mostBins = 512
    /// With fewer nothing is merged: two or three would say next to nothing.
    static let fewestBins = 4
    /// Bins depend on each other with a higher correlation to the next one.
    static let mostCorrelation = 0.1

    private(set) var bins: [Bin] = []

    mutating func append(_ bin: Bin) {
        guard bin.seconds > 0 else { return }
        bins.append(bin)
        if bins.count > Self.mostBins { bins = Self.merged(bins) }
    }

    /// Per second.
    var interval: Interval {
        var widest: Interval?
        var level = bins
        while level.count >= Self.fewestBins {
            let found = Self.interval(of: level)
            if Self.correlation(of: level).magnitude <= Self.mostCorrelation { return found }
            // None may be left that are independent: then the widest is the honest one.
            if found.halfWidth >= widest?.halfWidth ?? 0 { widest = found }
            level = Self.merged(level)
        }
        return widest ?? Self.interval(of: bins)
    }

    /// How many bins lie further from the median than 3.5 times what most do (the median absolute
    /// deviation, scaled to a standard deviation), and more than 1 %.
    var outliers: Int {
        let rates = bins.map { $0.good / $0.seconds }
        let median = Self.median(rates)
        let deviations = rates.map { ($0 - median).magnitude }
        let limit = max(3.5 * 1.4826 * Self.median(deviations), 0.01 * median)
        return deviations.count { $0 > limit }
    }

    // MARK: Arithmetic

    /// Neighbours in pairs; an odd one joins the last pair.
    private static func merged(_ bins: [Bin]) -> [Bin] {
        var merged = stride(from: 0, to: bins.count - 1, by: 2).map { bins[$0] + bins[$0 + 1] }
        if bins.count % 2 == 1, let odd = bins.last, let pair = merged.popLast() {
            merged.append(pair + odd)
        }
        return merged
    }

    private static func rate(of bins: [Bin]) -> Double {
        let all = bins.reduce(Bin(good: 0, seconds: 0), +)
        return all.seconds > 0 ? all.good / all.seconds : 0
    }

    /// By how much each bin has more than its part: bins differ in length, hence not the rates.
    private static func excesses(of bins: [Bin]) -> [Double] {
        let rate = rate(of: bins)
        return bins.map { $0.good - rate * $0.seconds }
    }

    private static func interval(of bins: [Bin]) -> Interval {
        let (rate, count) = (rate(of: bins), Double(bins.count))
        guard bins.count > 1 else { return Interval(mean: rate, halfWidth: .infinity) }
        let squares = excesses(of: bins).reduce(0) { $0 + $1 * $1 }
        let meanSeconds = bins.reduce(0) { $0 + $1.seconds } / count
        let standardError = (squares / (count - 1) / count).squareRoot() / meanSeconds
        let quantile = StudentT.quantile(degreesOfFreedom: bins.count - 1)
        return Interval(mean: rate, halfWidth: quantile * standardError)
    }

    /// Of each bin with the next one.
    private static func correlation(of bins: [Bin]) -> Double {
        let excesses = excesses(of: bins)
        let squares = excesses.reduce(0) { $0 + $1 * $1 }
        guard squares > 0 else { return 0 }
        return zip(excesses, excesses.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / squares
    }

    /// 0 if there are none.
    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
