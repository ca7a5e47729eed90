import Testing

@testable import flagserver

struct EventReaderTests {
    private static let stream = Array(
        ": keep-alive\n\nevent: state\ndata: {}\n\nevent: records\r\nid: 7\r\ndata: [1]\r\n\r\n"
            .utf8)

    @Test(arguments: 1...stream.count)
    func `events are the same in pieces of any size`(size: Int) {
        var reader = EventReader()
        var events: [EventReader.Event] = []
        for start in stride(from: 0, to: Self.stream.count, by: size) {
            events += reader.take(Array(Self.stream[start...].prefix(size)))
        }
        #expect(
            events == [
                .init(name: "state", data: Array("{}".utf8)),
                .init(name: "records", data: Array("[1]".utf8)),
            ])
    }

    @Test func `an event that is not complete is none`() {
        var reader = EventReader()
        #expect(reader.take(Array("event: records\ndata: [1]\n".utf8)).isEmpty)
    }

    @Test(arguments: [
        ("[]", []), ("[{}]", ["{}"]),
        (#"[{"a":[1,2]},{"b":"],[\"\\"}]"#, [#"{"a":[1,2]}"#, #"{"b":"],[\"\\"}"#]),
        ("[1,2]", ["1", "2"]), (#"["a,b"]"#, [#""a,b""#]), ("", []), ("[[1],[2]]", ["[1]", "[2]"]),
    ])
    func `elements of an array stay as they are written`(array: String, elements: [String]) {
        #expect(
            EventReader.elements(Array(array.utf8)).map { String(decoding: $0, as: UTF8.self) }
                == elements)
    }
}
