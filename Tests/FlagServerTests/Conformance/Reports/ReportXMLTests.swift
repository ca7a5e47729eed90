import Faults
import Testing

@testable import flagserver

struct ReportXMLTests {
    @Test func `findings are failures, and what says nothing is skipped`() {
        let text = ReportXML.text(SampleReports.report)
        #expect(
            text.contains(
                "<testsuites name=\"get 1.2\" tests=\"5\" failures=\"2\" skipped=\"1\" "
                    + "errors=\"0\" time=\"1.25\">"))
        #expect(
            text.contains(
                "message=\"SILENT: exit 0, 2 | 3 &lt;bytes&gt;, expected error\">"
                    + "flagserver conformance -k body/truncate -- get '{url}'\n"
                    + "it's &quot;done&quot; &amp; &lt;well&gt;</failure>"))
        #expect(text.contains("<skipped message=\"harness: it does not ask\"/>"))
        #expect(text.contains("name=\"body/extra-bytes\" time=\"0.25\"/>"))
    }

    @Test func `strictly a wrong file is a failure, a known one is none`() throws {
        #expect(
            ReportXML.text(SampleReports.report, isStrict: true).contains("failures=\"3\""))
        let known = try KnownDifferences(
            "body/truncate upstream", path: "k", names: ["body/truncate"])
        let text = ReportXML.text(SampleReports.report, known: known)
        #expect(text.contains("failures=\"1\" skipped=\"2\""))
        #expect(text.contains("<skipped message=\"known: upstream\"/>"))
    }

    @Test func `what XML cannot say is replaced`() {
        #expect(MarkupText.escaped("a\u{1}b\u{ffff}") == "a\u{fffd}b\u{fffd}")
    }
}
