import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// What a session refuses, and how it ends.
struct SessionRefusalTests {
    @Test func `a malformed head gets its status and the connection ends`() throws {
        let heads: [(String, Int)] = [
            ("GET / HTTP/1.1\r\n\r\n", 400), ("GET /\n", 400), ("\u{16}\u{3}\u{1}", 400),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
            ("GET /" + String(repeating: "a", count: 9000), 414),
            ("GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "a", count: 40_000), 431),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 200\r\n\r\n", 417),
        ]
        for (head, status) in heads {
            let client = SessionHarness()
            client.send(head)
            let answers = try client.answers()
            #expect(answers.map(\.status) == [status])
            #expect(answers.first?["Connection"] == "close")
            #expect(!client.stream.isOpen)
        }
    }

    @Test func `requests before a malformed one are answered, those behind it are not`() throws {
        let client = SessionHarness()
        client.send(
            "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\n\r\n"
                + "GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.answers().map(\.status) == [200, 400])
        #expect(!client.stream.isOpen)
    }

    @Test func `a refusal leaves behind the answers that are owed`() throws {
        let client = SessionHarness([.latency(100)])
        client.get("/a", "/b")
        client.send("nonsense\r\n\r\n")
        #expect(client.stream.output.isEmpty && client.stream.isOpen)
        client.advance(to: 100)
        #expect(try client.answers().map(\.status) == [200, 200, 400])
        #expect(!client.stream.isOpen)
    }

    @Test func `a refusal lingers, so that a client that still sends can read it`() {
        // RFC 9112 §9.6: a close with unread input would make the kernel reset the connection.
        let requests = [
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 200\r\n\r\nabc",
            "GET / HTTP/1.1\r\nX: more may come\r\n\r\n",
            "GET /" + String(repeating: "a", count: 9000),
        ]
        for request in requests {
            let client = SessionHarness()
            client.send(request)
            #expect(client.stream.endings == [.close(lingering: true)], "\(request.prefix(80))")
        }
    }

    @Test func `a body that is announced too large is refused before it comes`() throws {
        for length in ["67108865", "9223372036854775807", "99999999999999999999999"] {
            let client = SessionHarness()
            client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n")
            #expect(try client.answers().map(\.status) == [413])
            #expect(!client.stream.isOpen)
        }
        let most = SessionHarness()
        most.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 67108864\r\n\r\n")
        #expect(most.stream.output.isEmpty && most.stream.isOpen)
    }

    @Test func `an announced body that is too large gets 413 and no 100 Continue`() throws {
        let client = SessionHarness()
        client.send(
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n"
                + "Expect: 100-continue\r\n\r\n")
        #expect(try client.answers().map(\.status) == [413])
    }

    @Test func `a chunked body that grows too large is refused`() throws {
        let client = SessionHarness()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("4000000\r\n")
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        for _ in 0..<64 { client.send(piece) }
        #expect(client.stream.output.isEmpty)
        client.send("\r\n1\r\na")
        #expect(try client.answers().map(\.status) == [413])
        #expect(!client.stream.isOpen)
    }

    @Test func `a malformed chunked body is refused`() throws {
        for body in ["z", "-1\r\n", "0x5\r\n", "3\r\nabcd\r\n", "3\nabc", "0\r\n bad\r\n\r\n"] {
            let client = SessionHarness()
            client.send(
                "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
            #expect(try client.answers().map(\.status) == [400], "\(body.debugDescription)")
            #expect(!client.stream.isOpen)
        }
    }

    @Test func `a refusal is counted apart from the requests and has a record`() throws {
        let client = SessionHarness()
        client.get("/a")
        client.send("nonsense\r\n\r\n")
        #expect(client.proxy.counters.requests == 1)
        #expect(client.proxy.counters.malformed == 1)
        #expect(client.records.map(\.status) == [200, 400])
        let record = try #require(client.records.last)
        #expect(record.method.isEmpty && record.target.isEmpty && record.attempt == nil)
        #expect(record.exchange == 2 && record.ending == .fin && record.faults.isEmpty)
        #expect(record.bytesSent == (try client.answers().last?.body.utf8.count))
    }

    @Test func `a refusal leaves no request in flight, and not less than none`() {
        let client = SessionHarness()
        client.send("nonsense\r\n\r\n")
        #expect(client.proxy.counters.inFlight == 0)
        let (_, other) = SessionHarness.connect(to: client.proxy)
        Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { other.received($0) }
        #expect(client.records.last?.inFlight == 1)
        #expect(client.proxy.counters.peak == 1)
    }

    @Test func `a refusal that cannot be delivered leaves nothing in flight`() {
        let client = SessionHarness([.latency(100)])
        client.get("/a")
        client.send("nonsense\r\n\r\n")
        client.session.closed(.peerReset)
        #expect(client.proxy.counters.inFlight == 0)
        #expect(client.records.map(\.ending) == [.clientRST, .clientRST])
    }

    // MARK: Time limits

    @Test func `an idle connection is closed without a word after 75 seconds`() {
        let client = SessionHarness()
        client.tick(75)
        #expect(client.stream.isOpen)
        client.tick(1)
        #expect(client.stream.endings == [.close(lingering: false)])
        #expect(client.stream.output.isEmpty)
    }

    @Test func `an answer begins the idle time anew`() {
        let client = SessionHarness()
        client.tick(70)
        client.get("/a")
        client.tick(75)
        #expect(client.stream.isOpen)
        client.tick(1)
        #expect(!client.stream.isOpen)
    }

    @Test(arguments: [
        ["GET /a HTTP/1.1\r\n", "Host: x\r\n\r\n"],
        ["POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"],
        ["POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", "x"],
    ])
    func `a request that came in pieces is followed by the idle time too`(pieces: [String]) {
        let client = SessionHarness()
        for piece in pieces { client.send(piece) }
        client.tick(75)
        #expect(client.stream.isOpen)
        client.tick(1)
        #expect(client.stream.endings == [.close(lingering: false)])
    }

    @Test func `a head gets 20 seconds in total and then 408`() throws {
        let client = SessionHarness()
        client.send("GET /a HTTP/1.1\r\n")
        client.tick(10)
        client.send("Host: x\r\n")
        client.tick(10)
        #expect(client.stream.output.isEmpty)
        client.tick(1)
        #expect(try client.answers().map(\.status) == [408])
        #expect(!client.stream.isOpen)
    }

    @Test func `a head that begins behind an answered request gets 20 seconds too`() throws {
        let client = SessionHarness()
        client.send("GET /a HTTP/1.1\r\n")
        client.send("Host: x\r\n\r\nGET /b HTTP/1.1\r\n")
        #expect(try client.bodies() == ["/a"])
        client.tick(21)
        #expect(try client.answers().map(\.status) == [408])
    }

    @Test func `a head that begins while an answer waits has 20 seconds from the answer`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a")
        client.send("GET /b HTTP/1.1\r\n")
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/a"])
        client.tick(21)
        #expect(try client.answers().map(\.status) == [408])
    }

    @Test func `a body gets 30 seconds in total and then 408`() throws {
        let client = SessionHarness()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        client.tick(15)
        client.send("a")
        client.tick(15)
        #expect(client.stream.output.isEmpty)
        client.tick(1)
        #expect(try client.answers().map(\.status) == [408])
        #expect(!client.stream.isOpen)
    }

    @Test func `a body that begins behind an answer that waits has 30 seconds too`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a")
        client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/a"])
        client.tick(31)
        #expect(try client.answers().map(\.status) == [408])
    }

    @Test func `an answer that waits is never timed out`() throws {
        let client = SessionHarness([.latency(1_000_000_000_000)])
        client.get("/a")
        client.tick(999)
        #expect(client.stream.isOpen && client.stream.output.isEmpty)
        client.advance(to: 1_000_000_000_000)
        #expect(try client.bodies() == ["/a"])
        client.tick(75)
        #expect(client.stream.isOpen)
    }

    @Test func `a client that takes nothing for 20 seconds is reset`() {
        let client = SessionHarness()
        client.get("/a")
        client.stream.queuedBytes = 10
        client.stream.stalledSince = client.clock.now
        client.tick(20)
        #expect(client.stream.isOpen)
        client.tick(1)
        #expect(client.stream.endings == [.reset])
    }

    @Test func `bytes that are still being taken keep an idle connection`() {
        let client = SessionHarness()
        client.get("/a")
        client.stream.queuedBytes = 10
        for _ in 0..<10 {
            client.stream.stalledSince = client.clock.now
            client.tick(19)
        }
        #expect(client.stream.isOpen)
    }
}
