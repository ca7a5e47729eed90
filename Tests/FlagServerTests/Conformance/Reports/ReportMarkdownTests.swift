import Testing

@testable import flagserver

struct ReportMarkdownTests {
    @Test func `one client is a row a case, and findings stand out`() {
        let text = ReportMarkdown.text(SampleReports.report)
        #expect(text.hasPrefix("# get 1.2\n\n5 cases, seed 7: 1 SILENT, 1 hung, "))
        #expect(
            text.contains(
                "| body/truncate | error | **SILENT** | exit 0, 2 \\| 3 \\<bytes> |\n"))
        #expect(text.contains("| body/reset | error | reported-left-partial |"))
    }

    @Test func `several are columns, with the exit status of errors`() {
        let text = ReportMarkdown.text(
            ReportMatrix([SampleReports.report, SampleReports.other]))
        #expect(text.contains("| case | expected | get | wget |\n| --- | --- | --- | --- |\n"))
        #expect(text.contains("| body/truncate | error | **SILENT** | reported 4 |\n"))
        #expect(text.contains("| body/reset | error | reported-left-partial 56 |  |\n"))
    }
}
