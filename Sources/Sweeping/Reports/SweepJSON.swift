/// A sweep for programs. Times are in seconds, rates per second, parts of 1; what is not known is
/// `null`.
public enum SweepJSON {
    /// One object, a line for each row, ending with a newline.
    public static func text(_ report: SweepReport) -> String { object(report) + "\n" }

    /// An array of such objects.
    public static func text(_ reports: [SweepReport]) -> String {
        "[" + reports.map(object).joined(separator: ",\n") + "]\n"
    }

    private static func object(_ report: SweepReport) -> String {
        let (knee, reason): (JSONText, JSONText) =
            switch report.knee {
            case .at(let number): (.number(number), .null)
            case .none(let reason): (.null, .string(reason))
            }
        let members: [(String, JSONText)] = [
            ("single_time", .optional(report.singleTime)), ("model", model(report)),
            ("knee", knee), ("no_knee", reason),
            ("recommended", report.recommended.map(JSONText.integer) ?? .null),
            ("sentence", .string(report.sentence)),
        ]
        let rows = report.rows.map { "\n    \(row($0, report).text)" }.joined(separator: ",")
        let lines =
            [
                "  \"name\": \(JSONText.string(report.name).text)",
                "  \"unit\": \(JSONText.string(report.unit).text)",
                "  \"rows\": [\(rows)\(report.rows.isEmpty ? "" : "\n  ")]",
            ]
            + members.map { "  \"\($0)\": \($1.text)" }
        return "{\n\(lines.joined(separator: ",\n"))\n}"
    }

    private static func row(_ row: SweepRow, _ report: SweepReport) -> JSONText {
        .object([
            ("concurrency", .integer(row.concurrency)), ("seconds", .number(row.seconds)),
            ("rate", .number(row.rate.mean)), ("rate_half_width", .number(row.rate.halfWidth)),
            ("speed_up", .optional(report.speedUp(row))), ("completed", .integer(row.completed)),
            ("failures", FailureCounts.json(row.failures)),
            ("failure_rate", .number(row.failureRate)), ("p50", .optional(row.p50)),
            ("p95", .optional(row.p95)), ("mean_time", .number(row.meanTime)),
            ("server", server(row.server)), ("client_limited", .bool(row.isClientLimited)),
            ("outliers", .integer(row.outliers)),
        ])
    }

    private static func server(_ figures: SweepRow.ServerFigures?) -> JSONText {
        figures.map { .object([("peak", .integer($0.peak)), ("mean", .number($0.mean))]) } ?? .null
    }

    private static func model(_ report: SweepReport) -> JSONText {
        switch report.model {
        case .bounds(let time, let roof):
            .object([
                ("kind", .string("bounds")), ("time", .number(time)), ("roof", .number(roof)),
            ])
        case .scalability(let contention, let coherency, let single):
            .object([
                ("kind", .string("universal_scalability_law")),
                ("contention", .number(contention)), ("coherency", .number(coherency)),
                ("single", .number(single)), ("intervals", intervals(report.intervals)),
            ])
        case nil: .null
        }
    }

    /// Each as its two ends, which hold the true value in 95 of 100 cases.
    private static func intervals(_ intervals: ScalabilityIntervals?) -> JSONText {
        func ends(_ interval: ClosedRange<Double>) -> JSONText {
            .array([.number(interval.lowerBound), .number(interval.upperBound)])
        }
        return intervals.map {
            .object([
                ("contention", ends($0.contention)), ("coherency", ends($0.coherency)),
                ("single", ends($0.single)),
            ])
        } ?? .null
    }
}
