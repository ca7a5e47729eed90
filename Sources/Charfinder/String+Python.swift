import HTTPWire

extension String {
    /// As Python's `repr` writes it: in quotes, on one line, with all that cannot be seen escaped.
    var quotedAsPython: String {
        let scalars = unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var text = String(quote)
        for scalar in scalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case quote: text += "\\\(quote)"
            case let scalar where scalar == " " || scalar.isSeen: text.unicodeScalars.append(scalar)
            case let scalar: text += Self.escape(scalar.value)
            }
        }
        text.unicodeScalars.append(quote)
        return text
    }

    private static func escape(_ value: UInt32) -> String {
        let (letter, count) = value > 0xffff ? ("U", 8) : value > 0xff ? ("u", 4) : ("x", 2)
        let digits = (0..<count).reversed().map { place in
            Hexadecimal.digit(UInt8(truncatingIfNeeded: value >> UInt32(4 * place)) & 0xf)
        }
        return "\\\(letter)\(String(decoding: digits, as: UTF8.self))"
    }

    /// Without blanks, as Python means them, at its start and its end.
    var strippedAsPython: String {
        let inner = unicodeScalars.drop(while: \.isBlankInPython)
        let end = inner.lastIndex { !$0.isBlankInPython }
        return end.map { String(String.UnicodeScalarView(inner[...$0])) } ?? ""
    }
}

extension Unicode.Scalar {
    /// Whether it can be seen, and changes nothing of what stands around it.
    var isSeen: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }

    /// Whether it is shown on what stands before it.
    var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }

    fileprivate var isBlankInPython: Bool {
        (0x1c...0x1f).contains(value) || properties.isWhitespace
    }
}
