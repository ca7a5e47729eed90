import Testing

@testable import flagserver

struct ReportJSONTests {
    @Test func `what is written is read as the same`() throws {
        var cases = SampleReports.cases
        // Its last words are for people.
        cases[0].lastLines = []
        let report = ConformanceReport(client: "get \"x\"", version: "1", seed: .max, cases: cases)
        let text = ReportJSON.text(report)
        #expect(try ReportJSON.read(Array(text.utf8), path: "r.json") == report)
    }

    @Test func `it has the members that were promised, and no others`() {
        let text = ReportJSON.text(SampleReports.other)
        #expect(
            text == """
                {
                  "client": "wget",
                  "version": "",
                  "seed": 7,
                  "cases": [
                    {"name":"body/truncate","fault":"truncate","group":"body","expect":"error",\
                "level":"high","outcome":"reported","exit":4,"attempts":1,"seconds":0.25,\
                "note":"exit 0, no file","rerun":"flagserver conformance -k body/truncate -- get \
                '{url}'"}
                  ],
                  "summary": {"reported":1}
                }

                """)
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"client\":\"a\",\"version\":\"\",\"seed\":1,\"cases\":[{}]}",
        "{\"client\":\"a\",\"version\":\"\",\"seed\":-1,\"cases\":[]}",
    ])
    func `what is no report is refused with the name of the file`(text: String) {
        let error = #expect(throws: CommandLineError.self) {
            try ReportJSON.read(Array(text.utf8), path: "r.json")
        }
        #expect(error?.status == .configuration && error?.reason.contains("'r.json'") == true)
    }
}
