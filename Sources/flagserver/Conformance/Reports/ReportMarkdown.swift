import Records

/// Tables for a page or a pull request.
enum ReportMarkdown {
    // MARK: One client

    static func text(_ report: ConformanceReport, isStrict: Bool = false) -> String {
        let rows = report.cases.map { result in
            "| \(MarkupText.cell(result.name)) | \(result.expect.rawValue) "
                + "| \(outcome(result, isStrict)) | \(MarkupText.cell(result.note)) |\n"
        }
        return "# \(MarkupText.cell(report.title))\n\n" + counts(report) + "\n\n"
            + "| case | expected | outcome | what was seen |\n| --- | --- | --- | --- |\n"
            + rows.joined()
    }

    private static func counts(_ report: ConformanceReport) -> String {
        let counts = report.summary.map { "\($0.count) \(MarkupText.cell($0.outcome.rawValue))" }
        return "\(report.cases.count) cases, seed \(report.seed): "
            + counts.joined(separator: ", ") + "."
    }

    /// What is wrong stands out.
    private static func outcome(_ result: CaseResult, _ isStrict: Bool) -> String {
        let word = MarkupText.cell(result.outcome.rawValue)
        return result.verdict(isStrict) == .finding ? "**\(word)**" : word
    }

    // MARK: Several

    /// - Parameter reports: at least two.
    static func text(_ matrix: ReportMatrix) -> String {
        let titles = matrix.titles.map(MarkupText.cell)
        let head =
            "| case | expected | \(titles.joined(separator: " | ")) |\n| --- | --- |"
            + titles.map { _ in " --- |" }.joined() + "\n"
        let rows = matrix.rows.map { row in
            let cells = row.cells.map { $0.map(Self.cell) ?? "" }
            return "| \(MarkupText.cell(row.name)) | \(row.expect) "
                + "| \(cells.joined(separator: " | ")) |\n"
        }
        let versions = zip(titles, matrix.reports).map { title, report in
            "- \(title): \(MarkupText.cell(report.version.isEmpty ? "?" : report.shortVersion))"
                + " – \(counts(report))\n"
        }
        return "# What clients make of each fault\n\n" + Self.explanation + "\n"
            + versions.joined() + "\n" + head + rows.joined()
    }

    private static let explanation = """
        Written by `flagserver conformance compare`. A number is an exit status; **bold** is not
        what is expected.

        """

    /// Its outcome with its exit status, where that says more.
    private static func cell(_ result: CaseResult) -> String {
        let word = MarkupText.cell(result.outcome.rawValue)
        let isError = result.outcome == .reported || result.outcome == .reportedLeftPartial
        let exit = isError ? result.exit.map { " \($0)" } ?? "" : ""
        return result.verdict() == .finding ? "**\(word)\(exit)**" : "\(word)\(exit)"
    }
}
