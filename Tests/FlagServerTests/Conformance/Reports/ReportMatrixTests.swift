import Testing

@testable import flagserver

struct ReportMatrixTests {
    @Test func `a row has a cell for each client, also where it was not run`() {
        let only = ConformanceReport(
            client: "get", version: "", seed: 1, cases: [SampleReports.result("head/x", .correct)])
        let matrix = ReportMatrix([SampleReports.other, only])
        #expect(matrix.rows.map(\.name) == ["body/truncate", "head/x"])
        #expect(
            matrix.rows.map { $0.cells.map { $0?.outcome } } == [
                [.reported, nil], [nil, .correct],
            ])
        #expect(matrix.titles == ["wget", "get"])
    }

    @Test func `two of one name are told apart`() {
        #expect(
            ReportMatrix([SampleReports.other, SampleReports.other]).titles == [
                "wget (1)", "wget (2)",
            ])
    }
}
