import Records

/// One report within a picture.
struct SweepPanel {
    static let width: Double = 520
    static let height: Double = 420
    /// Of the plot, within the panel.
    private static let frame = (left: 64.0, top: 52.0, right: 504.0, bottom: 292.0)
    /// Letters of the caption in a line, and lines; what is longer stands in `<desc>` alone.
    private static let caption = (columns: 78, lines: 3)
    private static let nameColumns = 56
    /// Of the reason why there is no knee, which stands in the lower right corner.
    private static let reasonColumns = 64
    /// Points of a curve.
    private static let samples = 128

    let report: SweepReport

    var text: String {
        let (left, top) = (Self.frame.left, Self.frame.top)
        let head =
            "<title>\(SVG.escaped("\(report.name): \(report.sentence)"))</title>\n"
            + SVG.text(report.name.printable.cut(to: Self.nameColumns), 12, 22, name: "name")
            + SVG.text(
                "\(report.unit.printable.cut(to: 24)) per second", 12, top - 12, name: "quiet")
        guard let chart = SweepChart(report, across: 12, upward: 6) else {
            return head + SVG.text("nothing to draw", left, top + 40) + captionText
        }
        return head + axes(chart) + curves(chart) + kneeLine(chart)
            + chart.points.map { point($0, chart) }.joined() + legend(chart) + captionText
    }

    // MARK: Places

    private func x(_ concurrency: Double, _ chart: SweepChart) -> Double {
        let place = min(max(chart.horizontal.position(of: concurrency), 0), 1)
        return Self.frame.left + place * (Self.frame.right - Self.frame.left)
    }

    private func y(_ rate: Double, _ chart: SweepChart) -> Double {
        let place = min(max(chart.vertical.position(of: rate), 0), 1)
        return Self.frame.bottom - place * (Self.frame.bottom - Self.frame.top)
    }

    // MARK: Parts

    private func axes(_ chart: SweepChart) -> String {
        let frame = Self.frame
        let upright = chart.vertical.ticks.map { tick in
            let y = y(tick, chart)
            return SVG.line("grid", frame.left, y, frame.right, y)
                + SVG.text(
                    chart.vertical.label(tick), frame.left - 8, y + 4, name: "quiet", anchor: .end)
        }
        let level = chart.horizontal.ticks.map { tick in
            let x = x(tick, chart)
            return SVG.line("axis", x, frame.bottom, x, frame.bottom + 5)
                + SVG.text(
                    chart.horizontal.label(tick), x, frame.bottom + 18, name: "quiet",
                    anchor: .middle)
        }
        let words = "concurrent downloads" + (chart.horizontal.isLogarithmic ? ", logarithmic" : "")
        return upright.joined() + level.joined()
            + SVG.line("axis", frame.left, frame.bottom, frame.right, frame.bottom)
            + SVG.line("axis", frame.left, frame.top, frame.left, frame.bottom)
            + SVG.text(words, frame.right, frame.bottom + 34, name: "quiet", anchor: .end)
    }

    private func curves(_ chart: SweepChart) -> String {
        let ideal = chart.idealEnd.map {
            sampled(chart, chart.horizontal.low...$0, chart.idealRate)
        }
        // The dots of the ideal are seen on the line of a model that is just as fast.
        return SVG.curve("model", sampled(chart, chart.measured, chart.modelRate))
            + SVG.curve("ideal", ideal ?? [])
    }

    private func sampled(
        _ chart: SweepChart, _ numbers: ClosedRange<Double>, _ rate: (Double) -> Double?
    ) -> [(x: Double, y: Double)] {
        let axis = chart.horizontal
        let (first, last) = (
            axis.position(of: numbers.lowerBound), axis.position(of: numbers.upperBound)
        )
        return (0...Self.samples).compactMap { index in
            let place = first + (last - first) * Double(index) / Double(Self.samples)
            let number = axis.value(at: place)
            return rate(number).map { (x(number, chart), y($0, chart)) }
        }
    }

    private func kneeLine(_ chart: SweepChart) -> String {
        guard let knee = chart.knee else {
            let words = report.knee.text.printable.cut(to: Self.reasonColumns)
            return SVG.text(
                words, Self.frame.right - 8, Self.frame.bottom - 8, name: "quiet", anchor: .end)
        }
        let x = x(knee, chart)
        let isLeft = x < (Self.frame.left + Self.frame.right) / 2
        return SVG.line("knee", x, Self.frame.top, x, Self.frame.bottom)
            + SVG.text(
                report.knee.text, x + (isLeft ? 5 : -5), Self.frame.bottom - 8,
                anchor: isLeft ? .start : .end)
    }

    private func point(_ point: SweepChart.Point, _ chart: SweepChart) -> String {
        let (x, y) = (x(point.concurrency, chart), y(point.rate.mean, chart))
        let (places, words) = ("cx=\"\(SVG.number(x))\" cy=\"\(SVG.number(y))\"", told(point))
        let ring =
            point.isRecommended ? "<circle class=\"recommended\" \(places) r=\"7\"/>\n" : ""
        return whisker(point, chart) + ring
            + "<circle class=\"point\" \(places) r=\"3.5\"><title>\(SVG.escaped(words))</title>"
            + "</circle>\n"
    }

    private func told(_ point: SweepChart.Point) -> String {
        "\(Figure.short(point.concurrency)): \(Figure.plusMinus(point.rate)) \(report.unit)/s"
    }

    /// Nothing where it is not known how far off the rate may be.
    private func whisker(_ point: SweepChart.Point, _ chart: SweepChart) -> String {
        let (mean, half) = (point.rate.mean, point.rate.halfWidth)
        guard half.isFinite, half >= 0 else { return "" }
        let x = SVG.number(x(point.concurrency, chart) - 4)
        let top = SVG.number(y(mean + half, chart))
        let bottom = SVG.number(y(mean - half, chart))
        // An end outside of the picture has no bar.
        let upper = mean + half > chart.vertical.high ? "m4 0" : "h8m-4 0"
        let lower = mean - half < chart.vertical.low ? "" : "m-4 0h8"
        return "<path class=\"whisker\" d=\"M\(x) \(top)\(upper)V\(bottom)\(lower)\"/>\n"
    }

    // MARK: Words

    /// Two lines of two: what is there.
    private func legend(_ chart: SweepChart) -> String {
        let left = Self.frame.left
        var entries: [(sample: (Double, Double) -> String, words: String)] = [
            (
                { x, y in "<circle class=\"point\" cx=\"\(x + 12)\" cy=\"\(y)\" r=\"3.5\"/>\n" },
                "measured, with 95 % interval"
            )
        ]
        if let model = report.model, chart.hasModel {
            entries.append(({ SVG.line("model", $0, $1, $0 + 24, $1) }, model.title))
        }
        if chart.idealEnd != nil {
            entries.append(
                ({ SVG.line("ideal", $0, $1, $0 + 24, $1) }, "ideal: N / R₁ (time of one)"))
        }
        if chart.points.contains(where: \.isRecommended) {
            entries.append(
                (
                    { x, y in
                        "<circle class=\"recommended\" cx=\"\(x + 12)\" cy=\"\(y)\" r=\"6\"/>\n"
                    }, "smallest within 5 % of the best"
                ))
        }
        return entries.enumerated().map { index, entry in
            let x = index % 2 == 0 ? left - 52 : left + 190
            let y = Self.frame.bottom + 52 + Double(index / 2) * 18
            return entry.sample(x, y - 4) + SVG.text(entry.words, x + 32, y, name: "quiet")
        }.joined()
    }

    private var captionText: String {
        let lines = report.sentence.printable.wrapped(to: Self.caption.columns)
        var shown = Array(lines.prefix(Self.caption.lines))
        if lines.count > shown.count, let last = shown.popLast() { shown.append(last + " …") }
        return shown.enumerated().map { index, line in
            SVG.text(line, 12, Self.frame.bottom + 92 + Double(index) * 16)
        }.joined()
    }

    /// The model and the knee in words, for `<desc>`.
    static func found(_ report: SweepReport) -> String {
        let model = report.modelText.map { "The \($0). " } ?? ""
        return "\(model)Result: \(report.knee.text)."
    }
}
