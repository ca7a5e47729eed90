import Testing

@testable import flagserver

struct ControlAnswerTests {
    private func answer(_ body: String, head: String = "") -> ControlAnswer {
        ControlAnswer(status: 200, body: Array(body.utf8), head: Array(head.utf8))
    }

    @Test func `a field is found in any case of letters`() {
        let answer = answer(
            "", head: "HTTP/1.1 200 OK\r\nX-Flagserver-Forgotten:  12 \r\nA:b\r\n\r\n")
        #expect(answer.field("x-flagserver-forgotten") == "12")
        #expect(answer.field("a") == "b")
        #expect(answer.field("b") == nil)
    }

    @Test func `an error is that of the JSON, a text its first line without control characters`() {
        #expect(answer(#"{"error":"proxy not found","status":404}"#).error == "proxy not found")
        #expect(answer("not JSON").error == nil)
        #expect(answer("one\u{1b}[1m\ntwo").firstLine == "one[1m")
    }
}
