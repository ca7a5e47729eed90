import Records

/// JUnit's report, as servers of continuous integration read it: a suite a group.
enum ReportXML {
    /// - Parameters:
    ///   - known: reasons for differences, which then count as skipped.
    static func text(
        _ report: ConformanceReport, known: KnownDifferences = .init(), isStrict: Bool = false
    ) -> String {
        var groups: [String] = []
        for result in report.cases where !groups.contains(result.group) {
            groups.append(result.group)
        }
        let suites = groups.map { group in
            suite(group, report, known, isStrict)
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + "<testsuites name=\"\(MarkupText.escaped(report.title))\" "
            + counts(report.cases, known, isStrict) + ">\n" + suites.joined()
            + "</testsuites>\n"
    }

    private static func counts(
        _ cases: [CaseResult], _ known: KnownDifferences, _ isStrict: Bool
    ) -> String {
        let failures = cases.count { isFailure($0, known, isStrict) }
        let skipped = cases.count { $0.verdict(isStrict) != .passed } - failures
        let seconds = JSONFraction.text(cases.reduce(0) { $0 + $1.seconds }.rounded(places: 3))
        return "tests=\"\(cases.count)\" failures=\"\(failures)\" skipped=\"\(skipped)\" "
            + "errors=\"0\" time=\"\(seconds)\""
    }

    private static func isFailure(
        _ result: CaseResult, _ known: KnownDifferences, _ isStrict: Bool
    ) -> Bool {
        result.verdict(isStrict) == .finding && known.reason(for: result) == nil
    }

    private static func suite(
        _ group: String, _ report: ConformanceReport, _ known: KnownDifferences, _ isStrict: Bool
    ) -> String {
        let cases = report.cases.filter { $0.group == group }
        let name = MarkupText.escaped(group)
        return "  <testsuite name=\"\(name)\" \(counts(cases, known, isStrict))>\n"
            + cases.map { testCase($0, report.client, known, isStrict) }.joined()
            + "  </testsuite>\n"
    }

    private static func testCase(
        _ result: CaseResult, _ client: String, _ known: KnownDifferences, _ isStrict: Bool
    ) -> String {
        let head =
            "    <testcase classname=\"\(MarkupText.escaped("\(client).\(result.group)"))\" "
            + "name=\"\(MarkupText.escaped(result.name))\" "
            + "time=\"\(JSONFraction.text(result.seconds.rounded(places: 3)))\""
        let message = MarkupText.escaped("\(result.outcome.rawValue): \(result.note)")
        switch result.verdict(isStrict) {
        case .passed: return head + "/>\n"
        case .apart: return head + "><skipped message=\"\(message)\"/></testcase>\n"
        case .finding:
            if let reason = known.reason(for: result) {
                let why = MarkupText.escaped("known: \(reason)")
                return head + "><skipped message=\"\(why)\"/></testcase>\n"
            }
            let details = ([result.rerun] + result.lastLines).joined(separator: "\n")
            return head + ">\n      <failure type=\"\(result.outcome.rawValue)\" "
                + "message=\"\(message), expected \(result.expect.rawValue)\">"
                + "\(MarkupText.escaped(details))</failure>\n    </testcase>\n"
        }
    }
}

extension Double {
    /// To so many decimal places.
    func rounded(places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
