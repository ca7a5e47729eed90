/// Fractions in the fewest digits that are read as the same number, as Go spells them: `0.2`, `1`,
/// `1e-7`.
public enum JSONFraction {
    /// Read as the same 64-bit number.
    public static func text(_ value: Double) -> String { plain("\(value)") }

    /// From Swift's spelling to Go's, whose exponents begin below 1e-6 and at 1e21.
    private static func plain(_ description: String) -> String {
        let isNegative = description.hasPrefix("-")
        let parts = description.drop { $0 == "-" }.split(separator: "e")
        let mantissa = (parts.first ?? "0").split(separator: ".")
        let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
        let all = (mantissa.first ?? "0") + fraction
        let digits = all.drop { $0 == "0" }
        guard !digits.isEmpty else { return "0" }
        // Where the point stands, counted from the first digit that is not 0.
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let leading = all.count - digits.count
        let point = (mantissa.first?.count ?? 1) - leading + exponent
        return (isNegative ? "-" : "") + place(point, in: trimmed(digits))
    }

    private static func trimmed(_ digits: Substring) -> Substring {
        var digits = digits
        while digits.last == "0" { digits.removeLast() }
        return digits
    }

    private static func place(_ point: Int, in digits: Substring) -> String {
        switch point {
        case ...(-6), 22...:
            let rest = digits.dropFirst()
            let mantissa = digits.prefix(1) + (rest.isEmpty ? "" : ".\(rest)")
            return "\(mantissa)e\(point > 0 ? "+" : "")\(point - 1)"
        case ...0: return "0." + String(repeating: "0", count: -point) + digits
        case digits.count...:
            return digits + String(repeating: "0", count: point - digits.count)
        default: return "\(digits.prefix(point)).\(digits.dropFirst(point))"
        }
    }
}
