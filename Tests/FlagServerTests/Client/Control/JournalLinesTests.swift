import Testing

@testable import flagserver

struct JournalLinesTests {
    private func event(_ name: String, _ data: String) -> EventReader.Event {
        .init(name: name, data: Array(data.utf8))
    }

    @Test func `a record that was in the journal does not come again`() {
        var lines = JournalLines()
        lines.take(Array("{\"seq\":8,\"t\":1}\n{\"se".utf8))
        lines.take(Array("q\":9}\n".utf8))
        #expect(
            lines.new(event("records", #"[{"seq":8},{"seq":9},{"seq":10,"a":"}"},{"seq":11}]"#))
                == "{\"seq\":10,\"a\":\"}\"}\n{\"seq\":11}\n")
    }

    @Test func `records that were lost have a line, other events none`() {
        let lines = JournalLines()
        #expect(lines.new(event("lost", #"{"count":12}"#)) == "{\"lost\":12}\n")
        #expect(lines.new(event("meters", "{}")) == "")
    }
}
