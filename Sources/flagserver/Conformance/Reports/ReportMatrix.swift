/// Several clients side by side, a row a case.
struct ReportMatrix {
    struct Row: Equatable {
        let name: String
        let group: String
        let expect: String
        let level: String
        /// One for each client; nil where the case was not run.
        let cells: [CaseResult?]
    }

    let reports: [ConformanceReport]
    /// In the order in which the first client has them, then what only others have.
    let rows: [Row]

    /// - Parameter reports: at least one.
    init(_ reports: [ConformanceReport]) {
        self.reports = reports
        let tables = reports.map { report in
            Dictionary(report.cases.map { ($0.name, $0) }) { first, _ in first }
        }
        var (seen, rows) = (Set<String>(), [Row]())
        for result in reports.flatMap(\.cases) where seen.insert(result.name).inserted {
            rows.append(
                Row(
                    name: result.name, group: result.group, expect: result.expect.rawValue,
                    level: result.level.rawValue, cells: tables.map { $0[result.name] }))
        }
        self.rows = rows
    }

    /// Of each report what it is called; two of one name are told apart.
    var titles: [String] {
        let titles = reports.map(\.client)
        return titles.enumerated().map { index, title in
            titles.count { $0 == title } > 1 ? "\(title) (\(index + 1))" : title
        }
    }
}
