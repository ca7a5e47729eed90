import Glibc

/// From numbers to places between 0 and 1, with round numbers to be written beside.
struct ChartAxis: Equatable {
    let low: Double
    let high: Double
    let isLogarithmic: Bool
    let ticks: [Double]

    /// From 0 to a round number that is not below `top`.
    ///
    /// - Parameters:
    ///   - top: 1e-6...1e12.
    ///   - most: steps, at least 1.
    static func upright(to top: Double, most: Int) -> ChartAxis {
        let step = roundStep(top / Double(max(most, 1)))
        let count = max(Int((top / step - 1e-9).rounded(.up)), 1)
        return ChartAxis(
            low: 0, high: Double(count) * step, isLogarithmic: false,
            ticks: (0...count).map { Double($0) * step })
    }

    /// Of concurrency: logarithmic if the largest is at least 16 times the smallest.
    ///
    /// - Parameters:
    ///   - numbers: 1...1e9, at least one.
    ///   - most: numbers beside it, at least 2.
    static func level(_ numbers: [Double], most: Int) -> ChartAxis {
        let (low, high) = (numbers.min() ?? 1, numbers.max() ?? 1)
        return high >= 16 * low
            ? powers(low, high, most: max(most, 2)) : counts(to: high, most: max(most, 2))
    }

    /// Powers of two, which are what a sweep tries first.
    private static func powers(_ low: Double, _ high: Double, most: Int) -> ChartAxis {
        let exponents = Int(log2(low).rounded(.up))...Int(log2(high).rounded(.down))
        let stride = (exponents.count + most - 1) / most
        let ticks = exponents.filter { ($0 - exponents.lowerBound) % stride == 0 }
        return ChartAxis(
            low: low, high: high, isLogarithmic: true, ticks: ticks.map { pow(2, Double($0)) })
    }

    private static func counts(to high: Double, most: Int) -> ChartAxis {
        // There is no half of a download.
        let step = max(roundStep(high / Double(most)), 1)
        let count = max(Int((high / step + 1e-9).rounded(.down)), 0)
        return ChartAxis(
            low: 0, high: high, isLogarithmic: false,
            ticks: (0...count).map { Double($0) * step })
    }

    /// The next of 1, 2, 5, 10, 20 … that is not smaller.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, floor(log10(step)))
        for factor in [1, 2, 5] as [Double] where step <= factor * power * (1 + 1e-9) {
            return factor * power
        }
        return 10 * power
    }

    // MARK: Places

    /// 0 at `low`, 1 at `high`.
    func position(of value: Double) -> Double {
        isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    }

    func value(at position: Double) -> Double {
        isLogarithmic ? low * pow(high / low, position) : low + (high - low) * position
    }

    /// All with the places that their steps need.
    func label(_ tick: Double) -> String {
        guard high < 100_000, !isLogarithmic, ticks.count > 1 else { return Figure.short(tick) }
        let step = ticks[1] - ticks[0]
        return Figure.fixed(tick, places: Int(max(0, -floor(log10(step) + 1e-9))))
    }
}
