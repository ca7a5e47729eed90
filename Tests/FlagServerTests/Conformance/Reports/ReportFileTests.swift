import Testing

@testable import flagserver

struct ReportFileTests {
    @Test(arguments: [
        ("r.json", ReportFile.Format.json), ("a/b.c/r.XML", .xml), ("r.html", .html),
        ("r.x.md", .md),
    ])
    func `the end of the name says what it is`(path: String, format: ReportFile.Format) throws {
        #expect(try ReportFile(path).format == format)
    }

    @Test(arguments: ["r.txt", "json", "a.json/r", "", "r."])
    func `another end is a mistake`(path: String) {
        let error = #expect(throws: CommandLineError.self) { try ReportFile(path) }
        #expect(error?.status == .usage && error?.reason.contains(".json") == true)
    }

    @Test func `what cannot be written is told`() throws {
        let file = try ReportFile("/no/such/folder/r.json")
        for attempt in [{ try file.check() }, { try file.write("x") }] {
            let error = #expect(throws: CommandLineError.self) { try attempt() }
            #expect(error?.status == .cannotWrite)
        }
    }
}
