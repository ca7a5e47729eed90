// How wide texts are on a terminal.

extension Unicode.Scalar {
    /// Two for what may be wide (CJK, emoji): rather too many than too few.
    fileprivate var columns: Int {
        switch value {
        // Letters; punctuation and arrows; boxes, blocks and shapes; braille.
        case ..<0x1100, 0x2000..<0x2300, 0x2500..<0x25FB, 0x2800..<0x2900: 1
        default: 2
        }
    }

    /// What moves a terminal's cursor, ends a line or turns the writing round.
    fileprivate var isHarmful: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}

extension StringProtocol {
    /// Columns that it takes at most.
    var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// On one line, and harmless to a terminal and to a page: control characters become a space.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.isHarmful ? " " : $0 }))
    }

    /// What fits into `columns`, with an ellipsis where something is missing.
    func cut(to columns: Int) -> String {
        guard self.columns > columns else { return String(self) }
        var (kept, used) = (String.UnicodeScalarView(), 1)
        for scalar in unicodeScalars {
            used += scalar.columns
            guard used <= columns else { break }
            kept.append(scalar)
        }
        return columns < 1 ? "" : String(kept) + "…"
    }

    /// With blanks behind it.
    func padded(to columns: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, columns - self.columns))
    }

    /// With blanks before it.
    func indented(to columns: Int) -> String {
        String(repeating: " ", count: Swift.max(0, columns - self.columns)) + self
    }

    /// Without the blanks at its end.
    var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Lines that fit into `columns`, broken at blanks; a word that is too long is cut.
    func wrapped(to columns: Int) -> [String] {
        var (lines, line) = ([String](), "")
        for word in split(separator: " ") {
            let longer = line.isEmpty ? String(word) : "\(line) \(word)"
            if longer.columns <= columns || line.isEmpty {
                line = longer
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return (lines + [line]).map { $0.cut(to: columns) }
    }
}
