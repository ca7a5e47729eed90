import Records

/// An open loop's result for people.
public struct BenchText: Sendable {
    private static let cellColumns = 8

    private let style: TextStyle

    public init(style: TextStyle) { self.style = style }

    /// Lines with their newlines.
    public func text(_ report: BenchReport) -> String {
        let time = Figure.time(report.seconds)
        let lines =
            lines("\(report.name): \(report.planned) requests planned in \(time)", .bold)
            + lines(Self.sentence(report), report.keepsUp ? .green : .yellow)
            + latencies(report) + failures(report)
        return lines.map { "\($0)\n" }.joined()
    }

    /// `offered 10/s, achieved 5.5/s: the queue grows`
    static func sentence(_ report: BenchReport) -> String {
        let rates =
            "offered \(Figure.short(report.offered))/s, "
            + "achieved \(Figure.short(report.achieved))/s"
        return report.keepsUp ? rates : "\(rates): the queue grows"
    }

    private func lines(_ text: String, _ color: TextStyle.Color? = nil) -> [String] {
        style.wrapped(text, indent: 2).map { style.colored($0, color) }
    }

    private func latencies(_ report: BenchReport) -> [String] {
        guard report.keepsUp else {
            return lines(
                "No percentiles: while the queue grows, they tell how long was measured, not "
                    + "how fast the server is.")
        }
        guard let latencies = report.latencies else { return lines("Nothing succeeded.") }
        let cells = latencies.named.map { ($0.name, style.spelled(Figure.time($0.seconds))) }
        let title = "latency from the planned start"
        guard style.columns >= cells.count * Self.cellColumns else {
            return lines(title) + cells.flatMap { lines("\($0.padded(to: 6)) \($1)") }
        }
        return lines(title) + [
            cells.map { $0.0.indented(to: Self.cellColumns) }.joined(),
            cells.map { $0.1.indented(to: Self.cellColumns) }.joined(),
        ]
    }

    private func failures(_ report: BenchReport) -> [String] {
        report.failures.isEmpty
            ? [] : lines("failed: \(FailureCounts.text(report.failures))", .red)
    }
}
