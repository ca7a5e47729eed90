import Records

/// What a terminal can show.
public struct TextStyle: Equatable, Sendable {
    public enum Glyphs: Equatable, Sendable {
        /// Curves of eight dots a cell.
        case braille
        /// Curves of quarter blocks.
        case blocks
        /// No character above 126 at all.
        case ascii
    }

    /// Width of the terminal; no line is longer.
    public let columns: Int
    public let glyphs: Glyphs
    /// Whether escape sequences for colours may be written.
    public let hasColor: Bool

    public init(columns: Int = 80, glyphs: Glyphs = .braille, hasColor: Bool = false) {
        (self.columns, self.glyphs, self.hasColor) = (columns, glyphs, hasColor)
    }

    enum Color: String {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    func colored(_ text: String, _ color: Color?) -> String {
        guard hasColor, let color, !text.isEmpty else { return text }
        return "\u{1b}[\(color.rawValue)m\(text)\u{1b}[0m"
    }

    /// In characters that the terminal has.
    func spelled(_ text: String) -> String {
        guard glyphs == .ascii else { return text }
        return text.unicodeScalars.reduce(into: "") { spelled, scalar in
            spelled += scalar.isASCII ? String(scalar) : Self.spellings[scalar] ?? "?"
        }
    }

    private static let spellings: [Unicode.Scalar: String] = [
        "±": "+-", "×": "x", "·": ".", "µ": "u", "–": "-", "−": "-", "…": "~", "◂": "<",
        "≤": "<=", "≥": ">=", "α": "alpha", "β": "beta", "γ": "gamma", "₀": "0", "₁": "1",
        "’": "'", "“": "\"", "”": "\"",
    ]

    /// Lines that fit, the second one and those after it indented.
    func wrapped(_ text: String, indent: Int = 0) -> [String] {
        let text = spelled(text.printable)
        let blanks = String(repeating: " ", count: indent < columns / 2 ? indent : 0)
        return text.wrapped(to: max(columns - blanks.count, 1)).enumerated().map { index, line in
            spelled((index == 0 ? "" : blanks) + line)
        }
    }
}

extension String {
    /// Without the blanks at its end.
    var withoutLastBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
