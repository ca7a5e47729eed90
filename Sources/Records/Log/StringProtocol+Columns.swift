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
}

extension StringProtocol {
    /// Columns that it takes at most.
    public var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// What fits into `columns`, with an ellipsis where something is missing.
    ///
    /// - Parameter columns: at least 1, or nothing is left.
    public func cut(to columns: Int) -> String {
        guard self.columns > columns else { return String(self) }
        var (kept, used) = (String.UnicodeScalarView(), 1)
        for scalar in unicodeScalars {
            used += scalar.columns
            guard used <= columns else { break }
            kept.append(scalar)
        }
        return columns < 1 ? "" : String(kept) + "…"
    }

    /// What fits into `columns`, with an ellipsis inside: names that begin alike end differently.
    ///
    /// - Parameter columns: at least 2, or nothing is left.
    public func cutInside(to columns: Int) -> String {
        guard self.columns > columns else { return String(self) }
        var (end, used) = (endIndex, 0)
        while end > startIndex {
            let before = unicodeScalars.index(before: end)
            used += unicodeScalars[before].columns
            guard used <= columns / 2 else { break }
            end = before
        }
        return cut(to: columns - self[end...].columns) + self[end...]
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
