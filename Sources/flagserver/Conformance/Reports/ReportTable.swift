import Records

/// The result for people: a table grouped by outcome, the worst first, and one sentence.
struct ReportTable {
    let report: ConformanceReport
    var known = KnownDifferences()
    var isStrict = false
    /// Of the terminal, in columns; nil: any.
    var width: Int?

    /// Of a note beside the name.
    private static let gap = "  "

    // MARK: What is unexpected

    /// Those that pass for nobody: neither as expected, nor listed.
    var findings: [CaseResult] {
        report.cases.filter { $0.verdict(isStrict) == .finding && known.reason(for: $0) == nil }
    }

    /// Lines with their newlines.
    var text: String {
        let groups = CaseOutcome.allCases.map(group)
        return groups.joined() + staleLines + sentence + "\n"
    }

    private func group(_ outcome: CaseOutcome) -> String {
        let results = report.cases.filter { $0.outcome == outcome }
        guard !results.isEmpty else { return "" }
        let plain = results.filter { isPlain($0) }
        let told = results.filter { !isPlain($0) }
        let names = told.map(\.name.columns).max() ?? 0
        let lines = told.map { line($0, names) }
        return "\(outcome.rawValue) (\(results.count))\n" + lines.joined() + list(plain) + "\n"
    }

    /// Whether there is nothing to say of it but its name.
    private func isPlain(_ result: CaseResult) -> Bool {
        let isFull = result.outcome == .reportedLeftPartial || result.outcome == .harness
        return result.verdict(isStrict) != .finding && !isFull
    }

    /// A bad one is followed by the command that runs it again.
    private func line(_ result: CaseResult, _ names: Int) -> String {
        let isFinding = result.verdict(isStrict) == .finding
        let seconds = JSONFraction.text(result.seconds.rounded(places: 2))
        let time = result.outcome == .harness ? "" : ", \(seconds) s"
        let expected = isFinding ? "expected \(result.expect.rawValue): " : ""
        let indent = "  "
        let first = indent + result.name.padded(to: names) + Self.gap
        let notes = "\(expected)\(result.note)\(time)".printable
        let room = width.map { max($0 - first.columns, 24) }
        let blanks = String(repeating: " ", count: first.columns)
        let text = notes.wrapped(to: room).joined(separator: "\n\(blanks)")
        guard isFinding else { return "\(first)\(text)\n" }
        if let reason = known.reason(for: result) {
            return "\(first)\(text)\n\(indent)\(indent)known: \(reason.printable)\n"
        }
        return "\(first)\(text)\n\(indent)\(indent)\(result.rerun)\n"
    }

    private func list(_ results: [CaseResult]) -> String {
        guard !results.isEmpty else { return "" }
        let names = results.map(\.name).joined(separator: " ")
        let lines = names.wrapped(to: (width ?? 100) - 2)
        return lines.map { "  \($0)\n" }.joined()
    }

    // MARK: In one sentence

    private var staleLines: String {
        known.stale(report.cases, isStrict: isStrict).map {
            "\($0) is listed as known and passes now: take it out of the list.\n"
        }.joined()
    }

    /// `curl 7.88.1: 2 findings in 120 cases (2 SILENT); 4 say nothing of it.`
    var sentence: String {
        let apart = report.cases.count { $0.verdict(isStrict) == .apart }
        let judged = report.cases.count - apart
        let listed = report.cases.count {
            $0.verdict(isStrict) == .finding && known.reason(for: $0) != nil
        }
        let kinds = CaseOutcome.allCases.compactMap { outcome in
            let count = findings.count { $0.outcome == outcome }
            return count == 0 ? nil : "\(count) \(outcome.rawValue)"
        }
        let what =
            findings.isEmpty
            ? "nothing unexpected" : Check.count(findings.count, "finding", "findings")
        return "\(report.title): \(what) in \(Check.count(judged, "case", "cases"))"
            + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))")
            + (listed == 0 ? "" : ", \(listed) known") + "; seed \(report.seed)."
            + (apart == 0
                ? "" : " \(Check.count(apart, "case says", "cases say")) nothing of this client.")
    }
}
