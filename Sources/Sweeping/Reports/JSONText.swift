import Records

/// JSON to be written, without blanks. What is no finite number is `null`.
indirect enum JSONText {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(name: String, value: JSONText)])

    static func optional(_ number: Double?) -> JSONText { number.map { .number($0) } ?? .null }

    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let value): Self.digits(value)
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { "\(Self.quoted($0.name)):\($0.value.text)" }
                .joined(separator: ",") + "}"
        }
    }

    /// In the fewest digits that are read as the same number.
    static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Safe in a page, too: no tag can begin or end within.
    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(json: text, isForPages: true)
        return String(decoding: bytes, as: UTF8.self)
    }
}
