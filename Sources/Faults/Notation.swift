/// How numbers and times are written for people, and the plain ones read.
public enum Notation {
    /// In nanoseconds, by their suffix.
    public static let timeUnits: [(suffix: String, scale: Double)] = [
        ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]
    /// In bytes.
    public static let sizeUnits: [(suffix: String, scale: Double)] = [
        ("", 1), ("b", 1), ("kb", 1e3), ("kib", 1024), ("mb", 1e6), ("mib", 1_048_576),
        ("gb", 1e9), ("gib", 1_073_741_824),
    ]
    /// In thousandths of a byte a second.
    static let rateUnits: [(suffix: String, scale: Double)] = [
        ("b/s", 1e3), ("kb/s", 1e6), ("kib/s", 1_024_000), ("mb/s", 1e9),
        ("mib/s", 1_048_576_000), ("kbit/s", 125e3), ("mbit/s", 125e6), ("gbit/s", 125e9),
    ]

    /// A plain decimal number, not negative: no `0x`, `inf`, `nan` or exponent.
    public static func number(_ text: String) -> Double? {
        guard text.utf8.contains(where: { $0 != 0x2e }),
            text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x2e })
        else {
            return nil
        }
        return Double(text.hasPrefix(".") ? "0" + text : text)
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 &- 0x30 <= 9 }
    }

    /// A number with one of the units, in base units.
    ///
    /// - Parameter base: what these are called.
    /// - Returns: nil if it has no unit of them, or is more than an `Int64` holds.
    /// - Throws: if it is no whole number of base units, and so would become another value.
    static func scaled(
        _ text: String, _ units: [(suffix: String, scale: Double)], base: String
    ) throws(FaultError) -> Int64? {
        let suffix = String(text.drop { $0.isASCII && $0.isNumber || $0 == "." })
        guard let unit = units.first(where: { $0.suffix == suffix.lowercased() }),
            let value = number(String(text.dropLast(suffix.count))), value.isFinite
        else { return nil }
        guard let whole = whole(value * unit.scale) else {
            throw FaultError("'\(text)' cannot be kept: it is no whole number of \(base).")
        }
        return Int64(exactly: whole)
    }

    /// The whole number that a value is, but for what comes from decimals that are not binary; nil
    /// if it is none.
    public static func whole(_ value: Double) -> Double? {
        let whole = value.rounded()
        return abs(value - whole) <= whole * 1e-9 ? whole : nil
    }

    /// `0.25` or `25%`.
    static func probability(_ text: String) -> Probability? {
        let isPercent = text.hasSuffix("%")
        guard let value = number(isPercent ? String(text.dropLast()) : text) else { return nil }
        return Probability(isPercent ? value / 100 : value)
    }

    /// A thousandth of it: `1500` or `0.001`.
    static func thousandths(_ number: UInt64) -> String {
        let (whole, rest) = number.quotientAndRemainder(dividingBy: 1000)
        return rest == 0 ? "\(whole)" : "\(whole).\(String(1000 + rest).dropFirst())"
    }

    /// A time in the largest unit of s, ms and us in which it is whole, with
    /// thousandths of a us.
    public static func exact(_ time: Nanoseconds) -> String {
        let units: [(name: String, scale: Nanoseconds)] = [("s", 1_000_000_000), ("ms", 1_000_000)]
        for unit in units where time.isMultiple(of: unit.scale) {
            return "\(time / unit.scale)\(unit.name)"
        }
        return "\(thousandths(time))us"
    }

    /// `0.5` and `500`, without a trailing `.0`.
    public static func shortest(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() && rounded < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
    }

    /// A time as people write it, `0.5 s` or `20 ms`; never rounded up, so that nobody is told of
    /// more delay than there was.
    public static func readable(_ time: Nanoseconds) -> String {
        time >= 100_000_000 || time == 0
            ? "\(shortest(Double(time / 1_000_000) / 1e3)) s"
            : "\(shortest(Double(time / 1000) / 1e3)) ms"
    }
}
