import Glibc

/// Numbers as they stand in tables and pictures. What is no number is `?`.
enum Figure {
    private static let unknown = "?"
    /// From here on letters stand for the zeros: `123k`.
    private static let large = 99_999.5
    private static let letters: [(Double, String)] = [
        (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"),
    ]

    /// With so many digits behind the point, at most 9.
    static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return unknown }
        let places = min(max(places, 0), 9)
        let scaled = (value.magnitude * pow(10, Double(places))).rounded()
        // Above, not all digits are known anyway.
        guard scaled < 9e15 else { return "\(value)" }
        var digits = String(UInt64(scaled))
        digits = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let point = places == 0 ? "" : "." + digits.suffix(places)
        return sign + digits.dropLast(places) + point
    }

    /// Places behind the point for so many digits that count, 0...4.
    private static func places(_ value: Double, digits: Int) -> Int {
        let magnitude = value.magnitude
        guard magnitude > 0, magnitude.isFinite else { return 1 }
        let exponent = floor(log10(magnitude))
        let places = Double(digits - 1) - exponent
        // 9.999 becomes 10.0 and not 10.00.
        let isCarried = (magnitude * pow(10, places)).rounded() >= pow(10, Double(digits))
        return Int(min(max(places - (isCarried ? 1 : 0), 0), 4))
    }

    // MARK: Rates

    /// In three digits that count: `2.00`, `26.1`, `105`, `5321`, `123k`.
    static func rate(_ value: Double) -> String {
        guard value.isFinite else { return unknown }
        let magnitude = value.magnitude
        guard magnitude >= large else { return fixed(value, places: places(value, digits: 3)) }
        guard magnitude < 1e15 else { return "1e\(Int(log10(magnitude)))" }
        for (unit, letter) in letters where magnitude >= unit * 0.9995 {
            let part = value / unit
            return fixed(part, places: places(part, digits: 3)) + letter
        }
        return unknown
    }

    /// As short as a person would write it: `10`, `5.5`, `200k`.
    static func short(_ value: Double) -> String {
        var text = rate(value)[...]
        let letter = text.last.flatMap { $0.isLetter ? text.popLast() : nil }
        if text.contains(".") {
            while text.last == "0" { text.removeLast() }
            if text.last == "." { text.removeLast() }
        }
        return text + (letter.map(String.init) ?? "")
    }

    /// A part of 1 that may be tiny, in two digits that count: `0.034`, `0.00012`, `1e-12`.
    static func small(_ value: Double) -> String {
        guard value.isFinite else { return unknown }
        guard value > 0, value < 0.001 else { return short(value) }
        let exponent = floor(log10(value))
        return exponent < -9
            ? "1e\(Int(exponent))" : fixed(value, places: Int(1 - exponent))
    }

    /// Both with the same places: so many that the half-width has two digits that count and the
    /// mean at most four.
    static func interval(_ value: Interval) -> (mean: String, halfWidth: String) {
        let (mean, half) = (value.mean, value.halfWidth)
        guard half.isFinite, mean.magnitude < large else { return (rate(mean), rate(half)) }
        let places = min(
            places(mean, digits: half == 0 ? 3 : 4), half == 0 ? 4 : places(half, digits: 2))
        return (
            fixed(mean, places: places),
            half < large ? fixed(half, places: places) : rate(half)
        )
    }

    /// `104.9 ± 1.8`
    static func plusMinus(_ value: Interval) -> String {
        let (mean, half) = interval(value)
        return "\(mean) ± \(half)"
    }

    // MARK: Other quantities

    /// In at most six columns: `180 µs`, `1.3 ms`, `12 ms`, `.50 s`, `1.31 s`, `12.3 s`, `278 h`.
    static func time(_ seconds: Double) -> String {
        guard seconds.isFinite else { return unknown }
        switch seconds {
        case ...0: return "0 s"
        case ..<0.5e-6: return "<1 µs"
        case ..<0.000_999_5: return "\(fixed(seconds * 1e6, places: 0)) µs"
        case ..<0.009_95: return "\(fixed(seconds * 1e3, places: 1)) ms"
        case ..<0.099_5: return "\(fixed(seconds * 1e3, places: 0)) ms"
        case ..<0.995: return "\(fixed(seconds, places: 2).dropFirst()) s"
        case ..<9.995: return "\(fixed(seconds, places: 2)) s"
        case ..<99.95: return "\(fixed(seconds, places: 1)) s"
        case ..<9999.5: return "\(fixed(seconds, places: 0)) s"
        default: return "\(fixed(min(seconds / 3600, 9999), places: 0)) h"
        }
    }

    /// Of a part of 1: `0 %`, `3.1 %`, `27 %`. Never 0 or 100 unless it is just that.
    static func percent(_ part: Double) -> String {
        guard part.isFinite else { return unknown }
        switch part {
        case ...0: return "0 %"
        case ..<0.000_5: return "<.1 %"
        case ..<0.099_5: return "\(fixed(part * 100, places: 1)) %"
        case 0.995..<1: return ">99 %"
        default: return "\(fixed(min(part * 100, 9999), places: 0)) %"
        }
    }

    /// `1.0×`, `52.5×`, `104×`
    static func factor(_ value: Double) -> String {
        value < 99.95 ? "\(fixed(value, places: 1))×" : "\(rate(value))×"
    }
}
