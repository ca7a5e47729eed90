// How wide texts are on a terminal.

extension StringProtocol {
    /// Columns that it takes at most: two for each character that may be a wide one (CJK, emoji).
    public var columns: Int {
        unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 1 : 2) }
    }

    /// What fits into `columns`, with an ellipsis where something is missing.
    ///
    /// - Parameter columns: at least 1, or nothing is left.
    public func cut(to columns: Int) -> String {
        guard self.columns > columns else { return String(self) }
        var (kept, used) = (String.UnicodeScalarView(), 1)
        for scalar in unicodeScalars {
            used += scalar.value < 0x1100 ? 1 : 2
            guard used <= columns else { break }
            kept.append(scalar)
        }
        return columns < 1 ? "" : String(kept) + "…"
    }

    /// With blanks behind it.
    public func padded(to columns: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, columns - self.columns))
    }

    /// With blanks before it.
    public func indented(to columns: Int) -> String {
        String(repeating: " ", count: Swift.max(0, columns - self.columns)) + self
    }

    /// Lines that fit into `columns`, broken at blanks; a word that is too long is cut.
    ///
    /// - Parameter columns: nil: one line.
    public func wrapped(to columns: Int?) -> [String] {
        guard let columns, self.columns > columns else { return [String(self)] }
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

    /// On one line, and harmless to a terminal: control characters become a space.
    public var printable: String {
        var bytes: [UInt8] = []
        bytes.append(printable: String(self))
        return String(decoding: bytes, as: UTF8.self)
    }
}
