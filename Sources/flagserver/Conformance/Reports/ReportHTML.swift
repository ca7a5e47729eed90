import FlagSite
import Records

/// A page of one file that needs nothing else: a matrix case by client, with filters in its URL
/// (`#outcome=SILENT&group=body`).
enum ReportHTML {
    /// - Parameter reports: at least one.
    static func text(_ reports: [ConformanceReport]) -> String {
        let matrix = ReportMatrix(reports)
        let title = matrix.titles.joined(separator: ", ")
        return HTMLPage.text(
            title: MarkupText.escaped("\(title): conformance"), head: policy, style: style,
            main: """
                <h1>\(MarkupText.escaped(title))</h1>
                \(versions(matrix))\(filters(matrix))\(table(matrix))
                """, foot: "<script>\n\(script)</script>\n")
    }

    private static func versions(_ matrix: ReportMatrix) -> String {
        let lines = zip(matrix.titles, matrix.reports).map { title, report in
            let counts = report.summary.map { "\($0.count) \($0.outcome.rawValue)" }
            let version = report.version.isEmpty ? "" : " (\(report.version))"
            return "<li>"
                + MarkupText.escaped(
                    "\(title)\(version), seed \(report.seed), \(report.cases.count) cases: "
                        + counts.joined(separator: ", ")) + "</li>\n"
        }
        return "<ul>\n\(lines.joined())</ul>\n"
    }

    // MARK: Filters

    private static func filters(_ matrix: ReportMatrix) -> String {
        func distinct(_ words: [String]) -> [String] {
            var seen = Set<String>()
            return words.filter { seen.insert($0).inserted }
        }
        let outcomes = CaseOutcome.allCases.map(\.rawValue).filter { outcome in
            matrix.rows.contains { $0.cells.contains { $0?.outcome.rawValue == outcome } }
        }
        return "<form>\n" + select("outcome", outcomes)
            + select("group", distinct(matrix.rows.map(\.group)))
            + select("expect", distinct(matrix.rows.map(\.expect)))
            + select("level", distinct(matrix.rows.map(\.level)))
            + select("verdict", ["finding", "passed", "apart"])
            + "<label>name <input name=\"name\" type=\"search\"></label>\n"
            + "<output></output>\n</form>\n"
    }

    private static func select(_ name: String, _ values: [String]) -> String {
        let options = values.map { "<option>\(MarkupText.escaped($0))</option>" }
        return "<label>\(name) <select name=\"\(name)\"><option value=\"\">all</option>"
            + "\(options.joined())</select></label>\n"
    }

    // MARK: The table

    private static func table(_ matrix: ReportMatrix) -> String {
        let heads = matrix.titles.map { "<th scope=\"col\">\(MarkupText.escaped($0))</th>" }
        return "<table>\n<thead><tr><th scope=\"col\">case</th><th scope=\"col\">expected</th>"
            + heads.joined() + "</tr></thead>\n<tbody>\n" + matrix.rows.map(row).joined()
            + "</tbody>\n</table>\n"
    }

    private static func row(_ row: ReportMatrix.Row) -> String {
        let outcomes = row.cells.compactMap { $0?.outcome.rawValue }.joined(separator: " ")
        let verdicts = row.cells.compactMap { $0.map(word) }.joined(separator: " ")
        let data = [
            ("name", row.name), ("group", row.group), ("expect", row.expect),
            ("level", row.level), ("outcome", outcomes), ("verdict", verdicts),
        ].map { " data-\($0)=\"\(MarkupText.escaped($1))\"" }
        return "<tr\(data.joined())><th scope=\"row\">\(MarkupText.escaped(row.name))</th>"
            + "<td>\(row.expect) <small>\(row.level)</small></td>"
            + row.cells.map(cell).joined() + "</tr>\n"
    }

    private static func word(_ result: CaseResult) -> String {
        switch result.verdict() {
        case .passed: "passed"
        case .finding: "finding"
        case .apart: "apart"
        }
    }

    private static func cell(_ result: CaseResult?) -> String {
        guard let result else { return "<td>–</td>" }
        let seconds = JSONFraction.text(result.seconds.rounded(places: 3))
        var details = "\(result.note)\n\(result.rerun)"
        if !result.lastLines.isEmpty {
            details += "\n\nit said:\n" + result.lastLines.joined(separator: "\n")
        }
        if !result.wire.isEmpty {
            details += "\n\non the wire:\n" + result.wire.map(line).joined(separator: "\n")
        }
        return "<td class=\"\(word(result))\"><details><summary>\(result.outcome.rawValue)"
            + " <small>\(seconds) s</small></summary>"
            + "<pre>\(MarkupText.escaped(details))</pre></details></td>"
    }

    private static func line(_ event: WireEvent) -> String {
        let time = JSONFraction.text(event.seconds.rounded(places: 6))
        let bytes = event.count == 0 ? "" : " \(event.count) B \(event.text)"
        return "\(time) s  #\(event.connection) \(event.kind.rawValue)\(bytes)"
    }

    // MARK: How it looks and what it does

    private static let policy = """
        <meta http-equiv="Content-Security-Policy" \
        content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">

        """

    private static let style = """
        form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
          margin: 1rem 0; }
        th, td { vertical-align: top; padding: .2rem .4rem; }
        tbody th { color: inherit; font-size: inherit; }
        .finding summary { color: var(--bad); font-weight: bold; }
        .finding summary::before { content: "✖ "; }
        .passed summary::before { content: "✓ "; }
        .apart summary::before { content: "– "; }
        pre { margin: .3rem 0; max-width: 60rem; }
        """

    private static let script = """
        const form = document.forms[0], rows = [...document.querySelectorAll("tbody tr")];
        const fields = [...form.elements].filter(field => field.name);
        function filter() {
          let shown = 0;
          for (const row of rows) {
            row.hidden = !fields.every(({ name, value }) => {
              if (!value) return true;
              const data = row.dataset[name];
              return name === "name" ? data.includes(value) : data.split(" ").includes(value);
            });
            if (!row.hidden) shown++;
          }
          form.querySelector("output").value = shown + " of " + rows.length + " cases";
        }
        function read() {
          const wanted = new URLSearchParams(location.hash.slice(1));
          for (const field of fields) field.value = wanted.get(field.name) ?? "";
          filter();
        }
        form.addEventListener("input", () => {
          const wanted = new URLSearchParams();
          for (const { name, value } of fields) if (value) wanted.set(name, value);
          history.replaceState(null, "", "#" + wanted);
          filter();
        });
        form.addEventListener("submit", event => event.preventDefault());
        addEventListener("hashchange", read);
        read();

        """
}
