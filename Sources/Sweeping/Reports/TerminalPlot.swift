import Records

/// A sweep as a picture of characters: rate over concurrency, with the model, the ideal and the
/// knee.
public struct TerminalPlot: Sendable {
    /// Smaller ones show nothing.
    private static let least = (columns: 20, rows: 8)
    /// Cells that are looked at at most: no terminal is larger.
    private static let most = (columns: 1000, rows: 500)
    /// Cells for a number beside an axis.
    private static let tick = (columns: 6, rows: 3)

    private let style: TextStyle
    private let rows: Int

    /// - Parameters:
    ///   - style: with the width.
    ///   - rows: lines, all told.
    public init(style: TextStyle, rows: Int) {
        self.style = TextStyle(
            columns: min(style.columns, Self.most.columns), glyphs: style.glyphs,
            hasColor: style.hasColor)
        self.rows = min(rows, Self.most.rows)
    }

    /// At most as many lines as there are rows, with their newlines.
    public func text(_ report: SweepReport) -> String {
        guard style.columns >= Self.least.columns, rows >= Self.least.rows else {
            return rows < 1 ? "" : line("no room for a plot")
        }
        let nothing = line("\(report.name): nothing to draw")
        // What is in the picture does not depend on how many numbers stand beside it.
        guard let sketch = SweepChart(report, across: 2, upward: 1) else { return nothing }
        let legend = legend(report, sketch)
        // A title, the axis, its numbers and what they are.
        let height = rows - 4 - legend.count
        guard
            let chart = SweepChart(
                report, across: (style.columns - 8) / Self.tick.columns,
                upward: max(height / Self.tick.rows, 1))
        else { return nothing }
        let labels = chart.vertical.ticks.map { ($0, chart.vertical.label($0)) }
        let gutter = labels.map(\.1.count).max() ?? 0
        var grid = DotGrid(columns: style.columns - gutter - 2, rows: height, style: style)
        draw(chart, &grid)
        let lines =
            upper(grid, labels.map { (grid.row(chart.vertical.position(of: $0)), $1) }, gutter)
            + lower(chart, grid, gutter)
        return line("\(report.name): \(report.unit)/s") + lines.map { "\($0)\n" }.joined()
            + legend.map { "\($0)\n" }.joined()
    }

    private func line(_ text: String) -> String {
        style.spelled(style.spelled(text.printable).cut(to: style.columns)) + "\n"
    }

    // MARK: Inside

    private func draw(_ chart: SweepChart, _ grid: inout DotGrid) {
        curve(chart, &grid, .ideal, chart.idealRate)
        curve(chart, &grid, .model, chart.modelRate)
        if let knee = chart.knee {
            let column = grid.column(chart.horizontal.position(of: knee))
            for row in 0..<grid.rows { grid.mark(column, row, .knee) }
        }
        for point in chart.points {
            grid.mark(
                grid.column(chart.horizontal.position(of: point.concurrency)),
                grid.row(chart.vertical.position(of: point.rate.mean)),
                point.isRecommended ? .recommended : .point)
        }
    }

    private func curve(
        _ chart: SweepChart, _ grid: inout DotGrid, _ layer: DotGrid.Layer,
        _ rate: (Double) -> Double?
    ) {
        var last: Int?
        for x in 0..<grid.dotColumns {
            let place = Double(x) / Double(max(grid.dotColumns - 1, 1))
            guard let rate = rate(chart.horizontal.value(at: place)) else {
                last = nil
                continue
            }
            let y = grid.down(chart.vertical.position(of: rate))
            // The model is a line, the ideal one a row of dots.
            switch layer {
            case .ideal: if x % 2 == 0 || style.glyphs == .ascii { grid.dot(x, y, layer) }
            case .model, .knee, .point, .recommended:
                for y in between(last ?? y, y) { grid.dot(x, y, layer) }
            }
            last = y
        }
    }

    /// From beside the last dot to the next one.
    private func between(_ last: Int, _ next: Int) -> ClosedRange<Int> {
        next > last ? last + 1...next : next < last ? next...last - 1 : next...next
    }

    // MARK: Around it

    private func upper(_ grid: DotGrid, _ labels: [(row: Int, text: String)], _ gutter: Int)
        -> [String]
    {
        (0..<grid.rows).map { row in
            let label = labels.first { $0.row == row }?.text
            let axis =
                style.glyphs == .ascii ? (label == nil ? "|" : "+") : label == nil ? "│" : "┤"
            return "\((label ?? "").indented(to: gutter)) \(axis)\(grid.text(row: row))"
        }
    }

    private func lower(_ chart: SweepChart, _ grid: DotGrid, _ gutter: Int) -> [String] {
        let isASCII = style.glyphs == .ascii
        var axis = Array(repeating: isASCII ? "-" : "─", count: grid.columns)
        var numbers = ""
        let before = gutter + 2
        for tick in chart.horizontal.ticks {
            let column = grid.column(chart.horizontal.position(of: tick))
            let label = chart.horizontal.label(tick)
            let start = min(before + column - (label.count - 1) / 2, style.columns - label.count)
            // The first needs no blank before it.
            guard numbers.isEmpty || start > numbers.count else { continue }
            axis[column] = isASCII ? "+" : "┬"
            numbers = numbers.padded(to: start) + label
        }
        let words = "concurrent downloads" + (chart.horizontal.isLogarithmic ? ", logarithmic" : "")
        let caption = words.columns + before <= style.columns ? words : "concurrent"
        let corner = String(repeating: " ", count: gutter + 1) + (isASCII ? "+" : "└")
        return [corner + axis.joined(), numbers, caption.indented(to: style.columns)]
    }

    /// Of what is there, in as few lines as it takes; at most two.
    private func legend(_ report: SweepReport, _ chart: SweepChart) -> [String] {
        var entries: [(DotGrid.Layer, String)] = [(.point, "measured")]
        if chart.points.contains(where: \.isRecommended) {
            entries.append((.recommended, "recommended"))
        }
        if let model = report.model, chart.hasModel { entries.append((.model, model.title)) }
        if chart.idealEnd != nil { entries.append((.ideal, "ideal")) }
        if chart.knee != nil { entries.append((.knee, report.knee.text)) }
        var lines: [(text: String, columns: Int)] = []
        for (layer, words) in entries {
            let sample = DotGrid.sample(layer, style.glyphs)
            let columns = sample.columns + 1 + words.columns
            let text = "\(style.colored(sample, DotGrid.color(layer))) \(words)"
            if let last = lines.last, last.columns + 3 + columns <= style.columns {
                lines[lines.count - 1] = ("\(last.text)   \(text)", last.columns + 3 + columns)
            } else if lines.count < 2, columns <= style.columns {
                lines.append((text, columns))
            }
        }
        return lines.map(\.text)
    }
}
