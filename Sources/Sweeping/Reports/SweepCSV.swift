/// Sweeps for spreadsheets (RFC 4180): a header and a line a row. Times are in seconds, rates per
/// second, parts of 1; what is not known is empty.
public enum SweepCSV {
    private static let newline = "\r\n"
    private static let header = [
        "name", "unit", "concurrency", "seconds", "rate", "rate_half_width", "speed_up",
        "completed", "failures", "failure_rate", "p50", "p95", "mean_time", "server_peak",
        "server_mean", "client_limited", "outliers", "recommended",
    ]

    public static func text(_ report: SweepReport) -> String { text([report]) }

    /// All rows below one header.
    public static func text(_ reports: [SweepReport]) -> String {
        let rows = reports.flatMap { report in report.rows.map { cells($0, report) } }
        return ([header] + rows).map {
            $0.map(quoted).joined(separator: ",") + newline
        }.joined()
    }

    private static func cells(_ row: SweepRow, _ report: SweepReport) -> [String] {
        let failures = row.failures.map { "\($0.kind)=\($0.count)" }.joined(separator: ";")
        return [
            report.name, report.unit, "\(row.concurrency)", number(row.seconds),
            number(row.rate.mean), number(row.rate.halfWidth), number(report.speedUp(row)),
            "\(row.completed)", failures, number(row.failureRate), number(row.p50),
            number(row.p95), number(row.meanTime), row.server.map { "\($0.peak)" } ?? "",
            number(row.server?.mean), "\(row.isClientLimited)", "\(row.outliers)",
            "\(row.concurrency == report.recommended)",
        ]
    }

    private static func number(_ value: Double?) -> String {
        value.flatMap { $0.isFinite ? JSONText.digits($0) : nil } ?? ""
    }

    private static func quoted(_ cell: String) -> String {
        // By scalars: CR and LF together are one character.
        guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) })
        else { return cell }
        return "\""
            + cell.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
