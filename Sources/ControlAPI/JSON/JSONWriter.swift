import Records

/// Writes JSON as Go does: without spaces, and safe to be put into a page.
public enum JSONWriter {
    public static func text(_ value: JSONValue) -> String {
        String(decoding: bytes(value), as: UTF8.self)
    }

    public static func bytes(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return bytes
    }

    private static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append("null")
        case .bool(let value): bytes.append(value ? "true" : "false")
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let string): bytes.append(json: string, isForPages: true)
        case .array(let elements):
            bytes.append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(",") }
                append(element, to: &bytes)
            }
            bytes.append("]")
        case .object(let members):
            bytes.append("{")
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(",") }
                bytes.append(json: member.name, isForPages: true)
                bytes.append(":")
                append(member.value, to: &bytes)
            }
            bytes.append("}")
        }
    }

    // MARK: Fractions

    static func number(_ value: Double) -> JSONValue { .number(JSONFraction.text(value)) }
}
