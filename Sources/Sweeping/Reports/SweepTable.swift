import Records

/// The rows of a sweep for people, each printed when it has finished: how wide the columns are is
/// settled beforehand, so that nothing moves.
///
/// Which row is the recommended one is known only at the end. `text` marks it in its row; who has
/// printed row by row adds `footnotes`, whose first line names it.
public struct SweepTable: Sendable {
    private enum Column: CaseIterable {
        case concurrency, rate, speedUp, p50, p95, errors, peak
    }

    /// Those that a narrow terminal has to do without, in this order.
    private static let dispensable: [Column] = [.speedUp, .peak, .p50, .p95, .errors]
    /// Of the marks at the end of a line.
    private static let markColumns = 3
    private static let halfWidthColumns = 5
    private static let missing = "-"

    private let unit: String
    private let style: TextStyle
    private let isNarrow: Bool

    /// - Parameter unit: what is counted: `flags`.
    public init(unit: String, style: TextStyle) {
        (self.unit, self.style) = (style.spelled(unit.printable).cut(to: 9), style)
        isNarrow = style.columns < 40
    }

    // MARK: Widths

    private var gap: String { isNarrow ? " " : "  " }
    private var plusMinus: String { style.spelled(" ± ") }
    private var meanColumns: Int { max(7, unit.columns + 2) }

    private func width(_ column: Column) -> Int {
        switch column {
        case .concurrency: isNarrow ? 4 : 5
        case .rate: meanColumns + plusMinus.columns + Self.halfWidthColumns
        case .speedUp: 8
        case .p50, .p95, .errors: 6
        case .peak: 11
        }
    }

    /// As many as fit.
    private var columns: [Column] {
        var fitting = Column.allCases
        for column in Self.dispensable where width(of: fitting) > style.columns {
            fitting.removeAll { $0 == column }
        }
        return fitting
    }

    private func width(of columns: [Column]) -> Int {
        columns.reduce(0) { $0 + width($1) } + gap.columns * (columns.count - 1) + Self.markColumns
    }

    // MARK: Lines

    /// With its newline.
    public var header: String {
        let line = line(columns.map { ($0, title($0)) }, mark: "")
        return style.colored(line, .bold) + "\n"
    }

    private func title(_ column: Column) -> String {
        switch column {
        case .concurrency: "conc"
        case .rate: "\(unit)/s".indented(to: meanColumns) + plusMinus + "95 %"
        case .speedUp: "speed-up"
        case .p50: "p50"
        case .p95: "p95"
        case .errors: "errors"
        case .peak: "server peak"
        }
    }

    /// The row's line and, if something failed, one below it that says what; with newlines.
    ///
    /// - Parameters:
    ///   - single: the rate of one at a time, per second; nil if it was not measured.
    ///   - isRecommended: whether it gets the mark `◂`.
    public func line(_ row: SweepRow, single: Double?, isRecommended: Bool = false) -> String {
        let mark = (isRecommended ? "◂" : "") + (row.isClientLimited ? "*" : "")
        let line = line(columns.map { ($0, cell($0, row, single)) }, mark: mark)
        let color: TextStyle.Color? =
            isRecommended ? .green : row.isClientLimited ? .yellow : nil
        let failures = failureLines(row).map { style.colored($0, .red) + "\n" }
        return style.colored(line, color) + "\n" + failures.joined()
    }

    private func line(_ cells: [(column: Column, text: String)], mark: String) -> String {
        let aligned = cells.map { column, text in
            let text = text.cut(to: width(column))
            return column == .rate
                ? text.padded(to: width(column)) : text.indented(to: width(column))
        }
        let line = aligned.joined(separator: gap)
        let marked = mark.isEmpty ? line.withoutLastBlanks : "\(line) \(mark)"
        // Where there is no room, the footnotes still name it.
        let fitting = marked.columns <= style.columns ? marked : line.withoutLastBlanks
        return style.spelled(fitting.cut(to: style.columns))
    }

    private func cell(_ column: Column, _ row: SweepRow, _ single: Double?) -> String {
        switch column {
        case .concurrency: return count(row.concurrency, width(column))
        case .rate:
            let (mean, half) = Figure.interval(row.rate)
            return mean.indented(to: meanColumns) + plusMinus + half
        case .speedUp:
            guard let single, single > 0, row.rate.mean.isFinite else { return Self.missing }
            return style.spelled(Figure.factor(row.rate.mean / single))
        case .p50: return time(row.p50)
        case .p95: return time(row.p95)
        case .errors: return Figure.percent(row.failureRate)
        case .peak: return row.server.map { count($0.peak, width(column)) } ?? Self.missing
        }
    }

    private func time(_ seconds: Double?) -> String {
        seconds.map { style.spelled(Figure.time($0)) } ?? Self.missing
    }

    private func count(_ count: Int, _ columns: Int) -> String {
        "\(count)".count <= columns ? "\(count)" : Figure.short(Double(count))
    }

    /// `418: 12, 503: 9`
    private func failureLines(_ row: SweepRow) -> [String] {
        guard !row.failures.isEmpty else { return [] }
        let indent = String(repeating: " ", count: isNarrow ? 2 : 7)
        let text = FailureCounts.text(row.failures)
        return style.spelled(text).wrapped(to: max(style.columns - indent.count, 1)).map {
            style.spelled((indent + $0).cut(to: style.columns))
        }
    }

    // MARK: The whole

    /// The header, all rows with their marks and the footnotes.
    public func text(_ report: SweepReport) -> String {
        let single = report.singleRate
        let lines = report.rows.map {
            line($0, single: single, isRecommended: $0.concurrency == report.recommended)
        }
        return header + lines.joined() + footnotes(report)
    }

    /// The conclusion, in lines that fit, with their newlines.
    public func sentence(_ report: SweepReport) -> String {
        style.wrapped(report.sentence).map { "\(style.colored($0, .bold))\n" }.joined()
    }

    /// What the marks mean, each only if it is there; lines with their newlines.
    public func footnotes(_ report: SweepReport) -> String {
        SweepFootnotes(report: report).all.flatMap { style.wrapped($0, indent: 2) }
            .map { "\($0)\n" }.joined()
    }
}
