import Testing

@testable import flagserver

struct ReportTableTests {
    @Test func `the worst comes first, and each bad line ends with its command`() {
        let text = ReportTable(report: SampleReports.report).text
        #expect(
            text.hasPrefix(
                """
                SILENT (1)
                  body/truncate  expected error: exit 0, 2 | 3 <bytes>, 0.25 s
                    flagserver conformance -k body/truncate -- get '{url}'

                hung (1)

                """))
        #expect(text.contains("reported-left-partial (1)\n  body/reset  exit 0, no file, 0.25 s\n"))
        #expect(text.contains("correct (1)\n  body/extra-bytes\n"))
        #expect(text.contains("harness (1)\n  range/range-416  it does not ask\n"))
        #expect(
            text.hasSuffix(
                "get 1.2: 2 findings in 4 cases (1 SILENT, 1 hung); seed 7. 1 case says nothing of "
                    + "this client.\n"))
    }

    @Test func `a known difference is no finding, and has its reason`() throws {
        let known = try KnownDifferences(
            "body/truncate upstream\nbody/extra-bytes never\nhead/hang so", path: "k",
            names: ["body/truncate", "body/extra-bytes", "head/hang"])
        let table = ReportTable(report: SampleReports.report, known: known)
        #expect(table.findings.isEmpty)
        #expect(table.text.contains("    known: upstream\n"))
        #expect(table.text.contains("body/extra-bytes is listed as known and passes now"))
        #expect(
            table.sentence.hasPrefix("get 1.2: nothing unexpected in 4 cases, 2 known; seed 7."))
    }

    @Test func `strictly a wrong file is one`() {
        var table = ReportTable(report: SampleReports.report)
        table.isStrict = true
        #expect(table.findings.count == 3)
    }

    @Test func `a line fits the terminal, but for the command`() {
        var table = ReportTable(report: SampleReports.report)
        table.width = 60
        for line in table.text.split(separator: "\n") where !line.contains("flagserver") {
            #expect(line.count <= 60 || line.hasPrefix("get 1.2"), "\(line)")
        }
    }

    @Test(arguments: [
        ("curl 7.88.1 (x86_64) libcurl/7", "curl 7.88.1"),
        ("GNU Wget 1.21.3 built on linux.", "curl (GNU Wget 1.21.3)"), ("", "curl"),
        ("no number", "curl (no number)"),
    ])
    func `a client is called with its version`(version: String, title: String) {
        let report = ConformanceReport(client: "curl", version: version, seed: 1, cases: [])
        #expect(report.title == title)
    }
}
