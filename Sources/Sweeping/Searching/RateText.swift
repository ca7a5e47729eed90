/// Rates as they stand in a sentence.
enum RateText {
    /// `104.9 ± 1.8 flags/s`
    static func text(_ interval: Interval, unit: String) -> String {
        guard interval.halfWidth.isFinite else { return "about \(rate(interval.mean)) \(unit)/s" }
        let decimals = decimals(for: interval.mean)
        let halfWidth = number(interval.halfWidth, decimals: decimals)
        return "\(rate(interval.mean)) ± \(halfWidth) \(unit)/s"
    }

    /// `0.125`, `104.9`, `12345`
    static func rate(_ value: Double) -> String { number(value, decimals: decimals(for: value)) }

    /// Rounded; `?` if it is none.
    static func number(_ value: Double, decimals: Int = 0) -> String {
        Figure.fixed(value, places: decimals)
    }

    private static func decimals(for value: Double) -> Int {
        value >= 1000 ? 0 : value >= 1 ? 1 : 3
    }
}
