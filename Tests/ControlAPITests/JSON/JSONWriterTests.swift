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

    @Test(arguments: [
        (0.2 as Float, "0.2"), (1, "1"), (0, "0"), (1e-7, "1e-7"), (0.33333334, "0.33333334"),
        (0.5, "0.5"), (0.000_001, "0.000001"), (0.000_000_9, "9e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.5e-10, "1.5e-10"), (123.25, "123.25"), (-0.25, "-0.25"), (100, "100"),
        (0.1, "0.1"), (0.000_123, "0.000123"), (16_777_216, "16777216"), (1.25e22, "1.25e+22"),
    ])
    func `32-bit fractions have their shortest digits`(_ value: Float, _ text: String) {
        #expect(JSONWriter.number(value) == .number(text))
    }

    @Test func `64-bit fractions have their shortest digits`() {
        #expect(JSONWriter.number(0.1 + 0.2) == .number("0.30000000000000004"))
        #expect(JSONWriter.number(1.0) == .number("1"))
        #expect(JSONWriter.number(1e-7) == .number("1e-7"))
    }
}
