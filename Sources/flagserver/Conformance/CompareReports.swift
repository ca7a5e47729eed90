import ArgumentParser
import ControlAPI

/// `flagserver conformance compare`: reports of several clients, side by side.
struct CompareReports: ParsableCommand {
    static let name = "compare"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Put reports of several clients side by side, a row a case.",
        discussion: """
            EXAMPLES:
              flagserver conformance compare curl.json wget.json
              flagserver conformance compare *.json --report all.html --report all.md

            The files were written by 'flagserver conformance --report FILE.json'.
            """)

    private static let maximumReports = 64

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Write the comparison, by the end of its name: .html or .md; repeatable.",
            valueName: "file"))
    var report: [String] = []

    @Argument(help: ArgumentHelp("Reports in JSON.", valueName: "file"))
    var files: [String] = []

    func run() throws {
        guard (1...Self.maximumReports).contains(files.count) else {
            throw OptionValues.usage(
                "name 1 to \(Self.maximumReports) reports: flagserver conformance compare "
                    + "curl.json wget.json")
        }
        let outputs = try report.map { try ReportFile($0, formats: [.html, .md]) }
        let reports = try files.map(Self.read)
        let matrix = ReportMatrix(reports)
        try StandardOutput.write(Self.table(matrix))
        for output in outputs {
            let isPage = output.format == .html
            try output.write(isPage ? ReportHTML.text(reports) : ReportMarkdown.text(matrix))
        }
    }

    private static func read(_ path: String) throws -> ConformanceReport {
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.read(path, maximumSize: ReportJSON.maximumSize)
        } catch {
            throw CommandLineError(.missingInput, "cannot read the report '\(path)': \(error).")
        }
        return try ReportJSON.read(bytes, path: path)
    }

    /// Findings stand out by a mark: colour alone is lost in a file.
    private static func table(_ matrix: ReportMatrix) -> String {
        func cell(_ result: CaseResult?) -> String {
            guard let result else { return "-" }
            return result.outcome.rawValue + (result.verdict() == .finding ? " !" : "")
        }
        let head = TextTable.Row(["case", "expected"] + matrix.titles, last: [])
        let rows = matrix.rows.map { row in
            TextTable.Row([row.name, row.expect] + row.cells.map(cell), last: [])
        }
        return TextTable(head: head, rows: rows).text(columns: nil)
    }
}
