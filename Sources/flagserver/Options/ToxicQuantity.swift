import Faults

/// The notations of quantities inside `--toxic`. Times and rates need a unit there: users of
/// Toxiproxy would write 200 and mean milliseconds.
enum ToxicQuantity {
    /// In base units: nanoseconds, bytes, bytes a second.
    ///
    /// - Throws: `FaultError` that says what to write instead. The range is `Fault`'s to check.
    static func quantity(_ text: String, of attribute: Attribute) throws(FaultError) -> Quantity {
        switch attribute.unit {
        case .milliseconds, .microseconds: return .number(try time(text, attribute))
        case .bytes: return .number(try size(text))
        case .kilobytesPerSecond: return .number(try rate(text))
        case .fraction: return .fraction(try probability(text).fraction)
        case .flag: return .number(try flag(text))
        case .weight:
            guard isDigits(text), let weight = Int64(text) else {
                throw FaultError("'\(text)' is no whole number.")
            }
            return .number(weight)
        }
    }

    /// Of a number in the units of the JSON API, which are Toxiproxy's; a time or a rate with a
    /// unit is understood, too.
    static func plain(_ text: String, of attribute: Attribute) throws(FaultError) -> Quantity {
        if let integer = Int64(text) { return try attribute.quantity(apiInteger: integer) }
        if attribute.unit != .flag, let number = OptionValues.number(text) {
            return try attribute.quantity(apiNumber: number)
        }
        return try quantity(text, of: attribute)
    }

    private static let timeUnits: [(String, Double)] = [
        ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]
    private static let sizeUnits: [(String, Double)] = [
        ("", 1), ("b", 1), ("kb", 1e3), ("kib", 1024), ("mb", 1e6), ("mib", 1_048_576),
    ]
    private static let rateUnits: [(String, Double)] = [
        ("b/s", 1), ("kb/s", 1e3), ("kib/s", 1024), ("mb/s", 1e6), ("mib/s", 1_048_576),
        ("kbit/s", 125), ("mbit/s", 125e3), ("gbit/s", 125e6),
    ]

    private static func time(_ text: String, _ attribute: Attribute) throws(FaultError) -> Int64 {
        if text == "0" || text == "none" && attribute.name == "retry_after" { return 0 }
        guard let time = scaled(text, timeUnits) else {
            let unit = attribute.unit == .microseconds ? "us" : "ms"
            throw FaultError(
                isDigits(text)
                    ? "a time needs a unit. Did you mean \(text)\(unit), or \(text)s?"
                    : "'\(text)' is not a time. Write 200ms, 1.5s or 50us.")
        }
        return time
    }

    private static func size(_ text: String) throws(FaultError) -> Int64 {
        guard let size = scaled(text, sizeUnits) else {
            throw FaultError("'\(text)' is not a size. Write 4096, 4096B, 64kB, 64KiB or 1MiB.")
        }
        return size
    }

    private static func rate(_ text: String) throws(FaultError) -> Int64 {
        if text == "0" { return 0 }
        guard let rate = scaled(text, rateUnits) else {
            throw FaultError(
                isDigits(text)
                    ? "a rate needs a unit. Did you mean \(text)kB/s, or \(text)kbit/s?"
                    : "'\(text)' is not a rate. Write 64kB/s, 1Mbit/s or 500B/s.")
        }
        return rate
    }

    /// `0.25` or `25%`.
    static func probability(_ text: String) throws(FaultError) -> Probability {
        let isPercent = text.hasSuffix("%")
        guard let value = OptionValues.number(isPercent ? String(text.dropLast()) : text),
            let probability = Probability(isPercent ? value / 100 : value)
        else { throw FaultError("'\(text)' is not a probability. Write 0.25 or 25%.") }
        return probability
    }

    private static func flag(_ text: String) throws(FaultError) -> Int64 {
        switch text.lowercased() {
        case "1", "true", "yes", "on": return 1
        case "0", "false", "no", "off": return 0
        default: throw FaultError("'\(text)' is neither 1 nor 0.")
        }
    }

    private static func isDigits(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 &- 0x30 <= 9 }
    }

    /// nil if it has none of the units, or is more than an `Int64` holds.
    private static func scaled(_ text: String, _ units: [(suffix: String, scale: Double)]) -> Int64?
    {
        let suffix = String(text.drop { $0.isASCII && $0.isNumber || $0 == "." })
        guard let unit = units.first(where: { $0.suffix == suffix.lowercased() }),
            let value = OptionValues.number(String(text.dropLast(suffix.count)))
        else { return nil }
        return Int64(exactly: (value * unit.scale).rounded())
    }
}
