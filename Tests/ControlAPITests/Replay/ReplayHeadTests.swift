import HTTPWire
import Testing

@testable import ControlAPI

@Suite struct ReplayHeadTests {
    private func head(_ text: String) -> ReplayHead {
        Array(text.utf8).withUnsafeBytes { ReplayHead($0, body: nil) }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", 200, "OK"), ("HTTP/1.0 418\n\n", 418, ""),
        ("HTTP/1.1 503 A b  c\r\n\r\n", 503, "A b  c"), ("HTTP/1.1 2x0 OK\r\n\r\n", nil, nil),
        ("HTTP/1.1 200", nil, nil), ("", nil, nil),
    ])
    func `status and reason are those of the first line`(
        _ text: String, _ status: UInt16?, _ reason: String?
    ) {
        let head = head(text)
        #expect(head.status == status && head.reason == reason && head.fields.isEmpty)
    }

    @Test func `names keep their case, values lose the blanks around them`() {
        let head = head("HTTP/1.1 200 OK\r\nX-y:  a b\t\r\nx-Y:\r\nZ : c\nW: 1:2\r\r\n\r\n")
        #expect(head.fields.map(\.name) == ["X-y", "x-Y", "Z ", "W"])
        #expect(head.fields.map(\.value) == ["a b", "", "c", "1:2\r"])
    }

    @Test func `a folded line goes on with the value before it`() {
        let head = head("HTTP/1.1 200 OK\r\n lone\r\nA: b\r\n\t c \r\nno colon\r\n d\r\n\r\n")
        #expect(head.fields.map(\.name) == [" lone", "A", "no colon"])
        #expect(head.fields.map(\.value) == [nil, "b c", " d"])
        #expect(JSONWriter.text(head.fields[0].json) == #"[" lone",null]"#)
    }
}
