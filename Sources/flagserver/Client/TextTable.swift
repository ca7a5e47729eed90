import Records

/// Columns with blanks between them, fitted to a terminal.
struct TextTable {
    struct Row {
        let cells: [String]
        /// Of the last column, which goes on in the next lines where it does not fit.
        let last: [String]

        /// Names that others have given may hold what moves a terminal's cursor.
        init(_ cells: [String], last: [String]) {
            (self.cells, self.last) = (cells.map(\.printable), last.map(\.printable))
        }
    }

    private static let gap = "  "

    let head: Row?
    let rows: [Row]
    /// Columns of numbers.
    var right: Range<Int> = 0..<0

    /// - Parameter columns: of the terminal; nil for lines of any length.
    func text(columns: Int?) -> String {
        let all = (head.map { [$0] } ?? []) + rows
        let count = all.map(\.cells.count).max() ?? 0
        let widths = (0..<count).map { index in all.map { $0.cells[index].count }.max() ?? 0 }
        let indent = widths.reduce(0, +) + Self.gap.count * count
        let widest = rows.flatMap(\.last).map(\.count).max() ?? 0
        guard let columns, indent + widest > columns else {
            return all.map { row in
                let lines = Self.lines(row.last, columns.map { $0 - indent })
                let blanks = String(repeating: " ", count: indent)
                return cells(row, widths) + lines.joined(separator: "\n\(blanks)") + "\n"
            }.joined()
        }
        // The last column stands below the others.
        let blanks = String(repeating: " ", count: (widths.first ?? 0) + Self.gap.count)
        let first = head.map { Self.trimmed(cells($0, widths)) + "\n" } ?? ""
        return first
            + rows.map { row in
                let lines = Self.lines(row.last, columns - blanks.count).map { "\(blanks)\($0)\n" }
                return Self.trimmed(cells(row, widths)) + "\n" + lines.joined()
            }.joined()
    }

    private func cells(_ row: Row, _ widths: [Int]) -> String {
        zip(row.cells, widths).enumerated().map { index, cell in
            let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
            return (right.contains(index) ? blanks + cell.0 : cell.0 + blanks) + Self.gap
        }.joined()
    }

    /// All in one line if that is wide enough, else one below the other.
    private static func lines(_ parts: [String], _ width: Int?) -> [String] {
        let line = parts.joined(separator: ", ")
        guard let width, line.count > width else { return [line] }
        return parts
    }

    private static func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.hasSuffix(" ") { line = line.dropLast() }
        return String(line)
    }
}
