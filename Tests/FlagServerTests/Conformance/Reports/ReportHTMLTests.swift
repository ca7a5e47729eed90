import Testing

@testable import flagserver

struct ReportHTMLTests {
    private let text = ReportHTML.text([SampleReports.report, SampleReports.other])

    @Test func `it asks nobody for anything`() {
        for word in ["src=", "href=\"h", "@import", "url(", "http://", "https://"] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(text.contains("default-src 'none'"))
    }

    @Test func `rows have what they are filtered by, and names of others are text`() {
        #expect(
            text.contains(
                "<tr data-name=\"body/truncate\" data-group=\"body\" data-expect=\"error\" "
                    + "data-level=\"high\" data-outcome=\"SILENT reported\" "
                    + "data-verdict=\"finding passed\">"))
        #expect(text.contains("it's &quot;done&quot; &amp; &lt;well&gt;"))
        #expect(text.contains("0.001 s  #1 received 18 B GET / \\r\\n\n0.002 s  #1 closed"))
        #expect(text.contains("<option>SILENT</option>") && !text.contains("<option>crashed"))
    }
}
