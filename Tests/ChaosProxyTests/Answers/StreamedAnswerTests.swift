import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Answers that are made while they are sent.
struct StreamedAnswerTests {
    /// Pieces as a test gives them.
    private final class Source: ResponseStream {
        var pieces: [Piece] = []
        private(set) var asked = 0
        private(set) var closings = 0

        init(count: Int? = nil) {
            super.init(
                200, fields: [HTTPField("Content-Type", "text/plain")], contentLength: count)
        }

        override func next() -> Piece {
            asked += 1
            return pieces.isEmpty ? .later : pieces.removeFirst()
        }

        override var isEndless: Bool { true }

        override func closed() { closings += 1 }

        func give(_ texts: String..., isLast: Bool = false) {
            pieces += texts.map { .bytes(Array($0.utf8)) }
            if isLast { pieces.append(.end) }
            onMore?()
        }
    }

    private func client(_ source: Source) -> SessionHarness {
        SessionHarness(site: { request in
            let isStream = String(view: request.path) == "/stream"
            return isStream ? .streamed(source) : TestSite.answer(request)
        })
    }

    private func body(_ text: String) -> Substring {
        text.utf8.count < 4 ? "" : text.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
    }

    @Test func `a client of HTTP 1.1 gets chunks, and the connection goes on`() {
        let source = Source()
        let client = client(source)
        client.get("/stream")
        let head = client.stream.take()
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
        #expect(head.contains("Transfer-Encoding: chunked\r\n"))
        #expect(!head.contains("Content-Length"))
        source.give("hello", String(repeating: "x", count: 17))
        client.advance(to: 1)
        #expect(
            client.stream.take()
                == "5\r\nhello\r\n11\r\n\(String(repeating: "x", count: 17))\r\n")
        #expect(client.records.isEmpty && source.closings == 0)
        source.give("bye", isLast: true)
        client.advance(to: 2)
        #expect(client.stream.take() == "3\r\nbye\r\n0\r\n\r\n")
        #expect(source.closings == 1)
        #expect(client.records.map(\.ending) == [.keep])
        #expect(client.records[0].bytesPromised == nil && !client.records[0].isUnplanned)
        client.get("/a")
        #expect(client.records.count == 2 && client.stream.isOpen)
    }

    @Test(arguments: [
        "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ])
    func `one of a known length says it, and the connection goes on`(request: String) {
        let source = Source(count: 11)
        let client = client(source)
        client.send(request)
        source.give("hello", " ")
        client.advance(to: 1)
        source.give("world", isLast: true)
        client.advance(to: 2)
        let text = client.stream.take()
        #expect(text.contains("Content-Length: 11\r\n") && !text.contains("Transfer-Encoding"))
        #expect(body(text) == "hello world")
        #expect(client.stream.isOpen && source.closings == 1)
        #expect(client.records.map(\.ending) == [.keep])
        #expect(client.records.map(\.bytesPromised) == [11])
        #expect(client.records.map(\.bytesSent) == [11])
        client.get("/a")
        #expect(client.records.count == 2)
    }

    @Test(arguments: [
        "GET /stream HTTP/1.0\r\n\r\n", "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ])
    func `others get plain bytes until the end`(request: String) {
        let source = Source()
        let client = client(source)
        client.send(request)
        client.get("/never")
        source.give("hello", " ", "world", isLast: true)
        client.advance(to: 1)
        let text = client.stream.take()
        #expect(!text.contains("Transfer-Encoding") && text.contains("Connection: close"))
        #expect(body(text) == "hello world")
        #expect(!client.stream.isOpen && source.closings == 1)
        #expect(client.records.map(\.ending) == [.fin])
        #expect(client.records.map(\.bytesSent) == [11])
    }

    @Test func `HEAD gets the head, and nothing is made for it`() {
        let source = Source()
        let client = client(source)
        client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.stream.take().hasSuffix("\r\n\r\n"))
        #expect(source.asked == 0)
        #expect(client.records.map(\.status) == [200])
        client.get("/a")
        #expect(client.records.count == 2)
    }

    @Test func `nothing is made while the client takes nothing`() {
        let source = Source()
        let client = client(source)
        client.get("/stream")
        client.stream.queuedBytes = 64 << 10
        let before = source.asked
        for _ in 0..<100 { source.give("more") }
        client.advance(to: .second)
        #expect(source.asked == before)
        #expect(client.stream.deadline == nil, "nothing has to be done now")
        client.stream.queuedBytes = 0
        client.session.drained()
        client.advance(to: 2 * .second)
        #expect(source.pieces.isEmpty)
        #expect(body(client.stream.take()).hasPrefix("4\r\nmore\r\n"))
    }

    @Test func `two pieces at once, so that others have their turn`() {
        let source = Source()
        let client = client(source)
        client.get("/stream")
        _ = client.stream.take()
        source.give("1", "2", "3", "4", "5")
        #expect(client.stream.take() == "1\r\n1\r\n1\r\n2\r\n")
        #expect(client.stream.deadline == client.clock.now)
        client.advance(to: 1)
        #expect(client.stream.take() == "1\r\n3\r\n1\r\n4\r\n1\r\n5\r\n")
        #expect(client.stream.deadline == nil)
    }

    @Test(arguments: [true, false])
    func `a client that leaves ends it once`(isReset: Bool) {
        let source = Source()
        let client = client(source)
        client.get("/stream", "/a")
        source.give("hello")
        if isReset {
            client.session.closed(.peerReset)
        } else {
            client.stream.peerHasGone = true
            client.session.receivedEnd()
            #expect(!client.stream.isOpen)
            client.session.closed(.fin)
        }
        #expect(source.closings == 1)
        #expect(
            client.records.map(\.ending)
                == Array(
                    repeating: isReset ? .clientRST : .clientFin, count: 2))
        let asked = source.asked
        source.give("nobody hears this")
        #expect(source.asked == asked)
        #expect(client.proxy.counters.inFlight == 0)
    }

    @Test func `a request behind it is answered after its end`() {
        let source = Source()
        let client = client(source)
        client.get("/stream", "/a")
        client.advance(to: 1)
        #expect(!client.stream.text.contains("/a"))
        source.give("x", isLast: true)
        client.advance(to: 2)
        let text = client.stream.take()
        #expect(text.contains("0\r\n\r\nHTTP/1.1 200 OK\r\n") && text.hasSuffix("/a"))
        #expect(client.records.map(\.target) == ["/stream", "/a"])
    }

    @Test func `draining ends it so that the client can tell`() {
        let source = Source()
        let client = client(source)
        client.get("/stream")
        source.give("x")
        client.advance(to: 1)
        client.proxy.drain()
        client.session.drain()
        #expect(client.stream.take().hasSuffix("1\r\nx\r\n0\r\n\r\n"))
        #expect(!client.stream.isOpen && source.closings == 1)
        #expect(client.records.map(\.ending) == [.fin])
    }

    @Test func `draining also ends one that has to wait for its turn`() {
        let (first, second) = (Source(), Source())
        let client = SessionHarness(site: { request in
            .streamed(String(view: request.path) == "/first" ? first : second)
        })
        client.get("/first", "/second")
        client.proxy.drain()
        client.session.drain()
        client.advance(to: .second)
        #expect(!client.stream.isOpen)
        #expect(first.closings == 1 && second.closings == 1)
        #expect(client.records.count == 2)
    }
}
