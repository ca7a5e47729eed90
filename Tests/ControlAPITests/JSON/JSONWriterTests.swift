import Testing

@testable import ControlAPI

@Suite struct JSONWriterTests {
    @Test func `texts are safe in a page`() {
        let value = JSONValue.string(
            "<a href=\"x\">&\\\n\r\t\u{8}\u{c}\u{1}\u{2028}\u{2029}é\u{7f}")
        #expect(
            JSONWriter.text(value)
                == "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\\\\\n\\r\\t\\b\\f\\u0001"
                + "\\u2028\\u2029é\u{7f}\"")
    }

    @Test func `members stand in their order without spaces`() {
        let value = JSONValue.object([
            .init("b", .array([.null, .bool(true), .number(7)])), .init("a", .object([])),
        ])
        #expect(JSONWriter.text(value) == "{\"b\":[null,true,7],\"a\":{}}")
    }
}
