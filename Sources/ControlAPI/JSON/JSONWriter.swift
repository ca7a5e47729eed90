/// Writes JSON as Go does: without spaces, and safe to be put into a page.
enum JSONWriter {
    static func text(_ value: JSONValue) -> String {
        var text = ""
        write(value, to: &text)
        return text
    }

    private static func write(_ value: JSONValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): write(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                write(element, to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                write(member.name, to: &text)
                text += ":"
                write(member.value, to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\u{c}": text += "\\f"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ", "<", ">", "&", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    // MARK: Fractions

    /// The shortest digits that are read as the same 64-bit number: `0.2`, `1`, `1e-7`.
    static func number(_ value: Double) -> JSONValue { .number(plain("\(value)")) }

    /// The shortest digits that are read as the same 32-bit number.
    static func number(_ value: Float) -> JSONValue { .number(plain("\(value)")) }

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
