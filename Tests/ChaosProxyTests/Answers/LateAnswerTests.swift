import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Answers that come turns of the loop after their requests.
struct LateAnswerTests {
    private func client(_ late: LateAnswer) -> SessionHarness {
        SessionHarness(site: { request in
            String(view: request.path) == "/late" ? .late(late) : TestSite.answer(request)
        })
    }

    private func made(_ text: String) -> SiteAnswer { .made(HTTPResponse(409, text: text)) }

    @Test func `it is sent when it comes, and the connection goes on`() {
        let late = LateAnswer()
        let client = client(late)
        client.get("/late")
        client.advance(to: .second)
        #expect(client.stream.take().isEmpty && client.records.isEmpty)
        late.onAnswer?(made("no"))
        let text = client.stream.take()
        #expect(text.hasPrefix("HTTP/1.1 409 Conflict\r\n") && text.hasSuffix("\r\n\r\nno\n"))
        #expect(text.contains("Content-Length: 3\r\n"))
        #expect(client.records.map(\.status) == [409])
        client.get("/a")
        #expect(client.records.count == 2 && client.stream.isOpen)
    }

    @Test func `the answers behind it wait for it`() {
        let late = LateAnswer()
        let client = client(late)
        client.get("/late")
        client.get("/a")
        #expect(client.stream.take().isEmpty)
        late.onAnswer?(made("no"))
        let text = client.stream.take()
        #expect(text.hasPrefix("HTTP/1.1 409") && text.contains("HTTP/1.1 200"))
        #expect(client.records.count == 2)
    }

    @Test func `HEAD and a client that closes get what is theirs`() {
        let (first, second) = (LateAnswer(), LateAnswer())
        let head = client(first)
        head.send("HEAD /late HTTP/1.1\r\nHost: x\r\n\r\n")
        first.onAnswer?(made("no"))
        #expect(head.stream.take().hasSuffix("\r\n\r\n"))
        let closing = client(second)
        closing.send("GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        second.onAnswer?(made("no"))
        #expect(closing.stream.take().contains("Connection: close\r\n"))
        #expect(!closing.stream.isOpen)
    }

    @Test func `it ends with the connection`() {
        weak var kept: LateAnswer?
        let client = SessionHarness(site: { _ in
            let late = LateAnswer()
            kept = late
            return .late(late)
        })
        client.get("/late")
        #expect(kept != nil)
        client.session.closed(.peerReset)
        #expect(kept == nil)
    }
}
