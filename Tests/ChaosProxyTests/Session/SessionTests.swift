import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Requests and answers on one connection.
struct SessionTests {
    @Test func `a request gets its answer at once`() throws {
        let client = SessionHarness()
        client.get("/a")
        let answers = try client.answers()
        #expect(answers.map(\.body) == ["/a"])
        #expect(answers[0].status == 200)
        #expect(answers[0]["Date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(answers[0]["Connection"] == nil)
        #expect(client.stream.deadline == nil)
        #expect(client.stream.endings == [])
    }

    @Test func `pipelined requests are answered in order, prepared or made`() throws {
        let client = SessionHarness()
        let targets = ["/a", "/made", "/b", "/parts", "/none", "/c", "/d"]
        client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        let answers = try client.answers()
        #expect(answers.map(\.body) == ["/a", "/made", "/b", "one two", "", "/c", "/d"])
        #expect(answers.map(\.status) == [200, 200, 200, 200, 204, 200, 200])
        #expect(answers[4]["Content-Length"] == nil)
    }

    @Test func `the date is that of the moment`() throws {
        let client = SessionHarness()
        client.get("/a")
        client.environment.date += 1
        client.get("/a", "/made")
        let dates = try client.answers().map { $0["Date"]?.suffix(12) }
        #expect(dates == ["08:49:37 GMT", "08:49:38 GMT", "08:49:38 GMT"])
    }

    // MARK: HEAD and persistence

    @Test func `HEAD gets the head of the GET and no body`() throws {
        for target in ["/a", "/made", "/parts", "/large"] {
            let client = SessionHarness()
            client.get(target)
            var expected = try client.answers()
            expected[0].body = ""
            client.send("HEAD \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.answers(heads: [0]) == expected)
        }
    }

    @Test func `a client that asks to close is told so and closed`() throws {
        for target in ["/a", "/made", "/none"] {
            let client = SessionHarness()
            client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answers = try client.answers()
            #expect(answers.map { $0["Connection"] } == ["close"])
            #expect(client.stream.endings == [.close(lingering: false)])
        }
    }

    @Test func `what comes after a request to close is not served`() throws {
        let client = SessionHarness()
        client.send(
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.bodies() == ["/a"])
    }

    @Test func `a close with bytes behind the last request lingers`() throws {
        let client = SessionHarness()
        client.send(
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.stream.endings == [.close(lingering: true)])
    }

    @Test func `HTTP 1_0 closes unless it is asked to stay`() throws {
        let client = SessionHarness()
        client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        client.send("GET /b HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        client.send("GET /c HTTP/1.0\r\n\r\n")
        let answers = try client.answers()
        #expect(answers.map(\.body) == ["/a", "/b", "/c"])
        #expect(answers.map { $0["Connection"] } == ["keep-alive", "keep-alive", "close"])
        #expect(client.stream.endings == [.close(lingering: false)])
    }

    // MARK: Pieces

    private static let conversation =
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        + "POST /made HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
        + "PUT /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\n0\r\nX: y\r\n\r\n"
        + "GET /c HTTP/1.1\r\nHost: x\r\n\r\n"
        + "POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
        + "GET /e HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func `where a conversation is cut in two does not matter`() throws {
        let bytes = Array(Self.conversation.utf8)
        let whole = SessionHarness()
        whole.send(bytes)
        let expected = whole.stream.text
        #expect(try whole.bodies() == ["/a", "/made", "/b", "/c", "/d", "/e"])
        for cut in 1..<bytes.count {
            let client = SessionHarness()
            client.send(Array(bytes[..<cut]))
            client.send(Array(bytes[cut...]))
            try #require(client.stream.text == expected, "cut after \(cut) bytes")
        }
    }

    @Test func `a conversation may come byte by byte or in random pieces`() throws {
        let bytes = Array(Self.conversation.utf8)
        var generator = TestGenerator(seed: 5)
        for longest in [1, 2, 3, 10, 40, 100] {
            for _ in 0..<(longest == 1 ? 1 : 20) {
                let client = SessionHarness()
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = 1 + generator.next(below: longest)
                    client.send(Array(rest.prefix(count)))
                    rest = rest.dropFirst(count)
                }
                let bodies = try client.bodies()
                // One finding is enough: the others would be the same.
                try #require(bodies == ["/a", "/made", "/b", "/c", "/d", "/e"])
            }
        }
    }

    @Test func `a request that begins behind a body in the same piece is not lost`() throws {
        let client = SessionHarness()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Le")
        client.send("ngth: 2\r\n\r\nhiGET /b HT")
        client.send("TP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.bodies() == ["/a", "/b"])
    }

    // MARK: Bodies

    @Test func `a body is read to its end and ignored`() throws {
        let client = SessionHarness()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        for _ in 0..<99 {
            client.send([UInt8](repeating: 0x47, count: 1000))
            #expect(client.stream.output.isEmpty)
        }
        client.send([UInt8](repeating: 0x47, count: 999))
        #expect(client.stream.output.isEmpty)
        client.send("GGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.bodies() == ["/a", "/b"])
    }

    @Test func `a body that looks like a request is none`() throws {
        let inner = "GET /evil HTTP/1.1\r\nHost: x\r\n\r\n"
        let client = SessionHarness()
        client.send(
            "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: \(inner.utf8.count)\r\n\r\n\(inner)")
        let size = String(inner.utf8.count, radix: 16)
        client.send(
            "GET /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(size)\r\n\(inner)\r\n0\r\n\r\n")
        #expect(try client.bodies() == ["/a", "/b"])
    }

    @Test func `100 Continue is sent once, when the head has come`() throws {
        let client = SessionHarness()
        client.send(
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.stream.take() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("h")
        #expect(client.stream.take().isEmpty)
        client.send("i")
        #expect(try client.bodies() == ["/a"])
    }

    @Test func `100 Continue is not sent without a body or to HTTP 1_0`() throws {
        let client = SessionHarness()
        client.send("GET /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n")
        client.send(
            "POST /b HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n"
                + "Expect: 100-continue\r\n\r\nx")
        #expect(try client.answers().map(\.status) == [200, 200])
    }

    @Test func `100 Continue waits until the answers before it have left`() throws {
        let client = SessionHarness([.latency(500)])
        client.get("/a")
        client.send(
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.stream.output.isEmpty)
        client.advance(to: 500)
        // RFC 9110 §10.1.1: a client that waits for it must get it or a final status.
        #expect(try client.answers().map(\.status) == [200, 100])
        client.send("x")
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/b"])
    }
}
