import HTTPWire

/// How a character is written, with its name.
enum RowFormat {
    /// `U+0039`, a tab, `9`, a tab, `DIGIT NINE`.
    case line
    /// A row of a table.
    case html
    /// An object of an array, with the comma before all but the first one.
    case json

    /// Appends a character.
    func write(_ scalar: Unicode.Scalar, isFirst: Bool, to bytes: inout [UInt8]) {
        let name = scalar.properties.name ?? ""
        switch self {
        case .line:
            bytes += "U+".utf8
            Self.writeNumber(scalar.value, to: &bytes)
            bytes.append(0x09)
            bytes += scalar.utf8
            bytes.append(0x09)
            bytes += name.utf8
            bytes += "\r\n".utf8
        case .html:
            bytes += "<tr><td>U+".utf8
            Self.writeNumber(scalar.value, to: &bytes)
            bytes += "</td><th>".utf8
            Self.writeHTML(scalar, to: &bytes)
            bytes += "</th><td>".utf8
            bytes += name.utf8
            bytes += "</td></tr>\n".utf8
        case .json:
            bytes += (isFirst ? "{\"char\":\"" : ",{\"char\":\"").utf8
            Self.writeJSON(scalar, to: &bytes)
            bytes += "\",\"name\":\"".utf8
            bytes += name.utf8
            bytes += "\"}".utf8
        }
    }

    /// At least four digits.
    private static func writeNumber(_ value: UInt32, to bytes: inout [UInt8]) {
        let count: UInt32 = value > 0xf_ffff ? 6 : value > 0xffff ? 5 : 4
        for place in (0..<count).reversed() {
            bytes.append(Hexadecimal.capital(UInt8(truncatingIfNeeded: value >> (4 * place)) & 0xf))
        }
    }

    /// What could turn the text around it, or nobody sees, by its number: so that it is seen in the
    /// source; a mark on a dotted circle, or it would stand on the page's own characters.
    private static func writeHTML(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "&": bytes += "&amp;".utf8
        case "<": bytes += "&lt;".utf8
        case ">": bytes += "&gt;".utf8
        case "\"": bytes += "&quot;".utf8
        case let scalar where !scalar.isSeen:
            bytes += "&#x".utf8
            writeNumber(scalar.value, to: &bytes)
            bytes.append(UInt8(ascii: ";"))
        case let scalar:
            if scalar.isMark { bytes += "\u{25cc}".utf8 }
            bytes += scalar.utf8
        }
    }

    /// RFC 8259 §7; what could turn the text around it is escaped, too.
    private static func writeJSON(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"", "\\":
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        case let scalar where scalar != " " && !scalar.isSeen:
            for unit in scalar.utf16 {
                bytes += "\\u".utf8
                writeNumber(UInt32(unit), to: &bytes)
            }
        case let scalar: bytes += scalar.utf8
        }
    }
}
