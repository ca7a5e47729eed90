/// Columns with blanks between them.
enum TextTable {
    struct Row {
        let cells: [String]
        /// Of the last column, which goes on in the next lines where it does not fit.
        let last: [String]

        init(_ cells: [String], last: [String]) {
            (self.cells, self.last) = (cells, last)
        }
    }

    private static let gap = "  "

    /// - Parameters:
    ///   - right: columns of numbers.
    ///   - columns: of the terminal; nil for lines of any length.
    static func text(_ rows: [Row], right: Range<Int> = 0..<0, columns: Int?) -> String {
        let count = rows.map(\.cells.count).max() ?? 0
        let widths = (0..<count).map { index in rows.map { $0.cells[index].count }.max() ?? 0 }
        let indent = widths.reduce(0, +) + gap.count * count
        return rows.map { row in
            let cells = zip(row.cells, widths).enumerated().map { index, cell in
                let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
                return right.contains(index) ? blanks + cell.0 : cell.0 + blanks
            }
            let lines = lines(row.last, width: columns.map { $0 - indent })
            let start = cells.map { $0 + gap }.joined()
            let rest = String(repeating: " ", count: indent)
            return lines.enumerated().map { index, line in
                (index == 0 ? start : rest) + line + "\n"
            }.joined()
        }.joined()
    }

    /// All in one line if that is wide enough, else one below the other.
    private static func lines(_ parts: [String], width: Int?) -> [String] {
        let line = parts.joined(separator: ", ")
        guard let width, line.count > width else { return [line] }
        return parts
    }
}
