import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// http: each request is an exchange.
struct RelayHTTPTests {
    @Test func `a request goes on and its reply comes back`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        #expect(harness.toBackend() == RelayHarness.request("/a"))
        #expect(harness.proxy.counters.inFlight == 1)
        harness.answer("hello")
        #expect(harness.toClient() == RelayHarness.answer("hello"))
        #expect(harness.proxy.counters.inFlight == 0)
        let record = try #require(harness.records.first)
        #expect(record.method == "GET" && record.target == "/a")
        #expect(record.status == 200 && record.bytesSent == 5)
        #expect(record.ending == .keep && record.exchange == 1)
        #expect(harness.client.isOpen && harness.backend.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `the backend is asked for only with the first request`() throws {
        let harness = try RelayHarness(.http, isConnected: false)
        #expect(harness.dialed.isEmpty)
        harness.send("GET / HTTP/1.1\r\nHo")
        #expect(harness.dialed.isEmpty)
        harness.send("st: x\r\n\r\n")
        #expect(harness.dialed.count == 1)
        harness.connect()
        #expect(harness.toBackend() == RelayHarness.request("/"))
        harness.expectNothingLeft()
    }

    @Test func `replies to pipelined requests come in order, byte by byte`() throws {
        let harness = try RelayHarness(.http)
        let requests = ["/1", "/2", "/3"].map(RelayHarness.request).joined()
        for byte in requests.utf8 { harness.send([byte]) }
        #expect(harness.toBackend() == requests)
        #expect(harness.proxy.counters.peak == 3)
        let replies = ["one", "two", "three"].map(RelayHarness.answer).joined()
        for byte in replies.utf8 { harness.reply([byte]) }
        #expect(harness.toClient() == replies)
        #expect(harness.records.map(\.target) == ["/1", "/2", "/3"])
        #expect(harness.records.map(\.bytesSent) == [3, 3, 5])
        #expect(harness.records.map(\.inFlight) == [1, 2, 3])
        harness.expectNothingLeft()
    }

    @Test func `no more than 64 requests are under way`() throws {
        let harness = try RelayHarness(.http)
        let request = RelayHarness.request("/")
        harness.send(String(repeating: request, count: 100))
        #expect(harness.toBackend() == String(repeating: request, count: 64))
        harness.answer("", "")
        #expect(harness.toBackend() == String(repeating: request, count: 2))
        for _ in 2..<100 { harness.answer("") }
        #expect(harness.toBackend() == String(repeating: request, count: 34))
        #expect(harness.records.count == 100)
        #expect(harness.proxy.counters.peak == 64)
        harness.expectNothingLeft()
    }

    @Test func `100 Continue goes through`() throws {
        let harness = try RelayHarness(.http)
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n")
        harness.send("Expect: 100-continue\r\n\r\n")
        harness.reply("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(harness.toClient() == "HTTP/1.1 100 Continue\r\n\r\n")
        harness.send("ok")
        harness.answer("done")
        #expect(harness.toClient() == RelayHarness.answer("done"))
        #expect(harness.records.map(\.status) == [200])
        #expect(harness.records.map(\.bytesSent) == [4])
        harness.expectNothingLeft()
    }

    @Test func `a reply that ends with the connection ends it`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/")
        harness.reply("HTTP/1.0 200 OK\r\n\r\n")
        harness.reply("until ")
        harness.reply("the end")
        harness.backendEnds()
        #expect(harness.toClient() == "HTTP/1.0 200 OK\r\n\r\nuntil the end")
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.records.map(\.bytesSent) == [13])
        #expect(harness.endings == [.fin])
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `the head's bytes are no body, however they come`() throws {
        let harness = try RelayHarness(.http)
        harness.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        harness.get("/")
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        harness.reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        #expect(harness.endings == [.keep, .keep])
        #expect(harness.records.first?.bytesSent == 0)
        harness.expectNothingLeft()
    }

    @Test func `of a chunked body the content counts, whole or cut`() throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = "3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\n\r\n"
        let whole = try RelayHarness(.http)
        whole.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for part in [head + "3\r\nab", "c\r\n5;x=y\r\nde", "fgh\r\n0\r\n\r\n"] {
            whole.reply(part)
        }
        #expect(whole.records.map(\.bytesSent) == [8])
        #expect(whole.records.map(\.bytesPromised) == [nil])

        let limit = Fault.limitData(LimitData(bytes: Int64(head.utf8.count + body.utf8.count / 2)))
        let cut = try RelayHarness(.http, [Toxic(limit, stream: .downstream)])
        cut.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        cut.reply(head + body)
        #expect(cut.records.map(\.status) == [200])
        #expect(cut.records.map(\.bytesSent) == [3])
    }

    @Test func `an early answer that closes ends the connection though the request goes on`() throws
    {
        let harness = try RelayHarness(.http)
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        harness.reply("HTTP/1.1 413 Too\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        harness.backendEnds()
        #expect(harness.toClient().hasPrefix("HTTP/1.1 413"))
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `an upgrade becomes a tunnel`() throws {
        let harness = try RelayHarness(.http)
        harness.send("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n")
        #expect(!harness.isRelayingUp)
        let head = "HTTP/1.1 101 Switching\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n"
        harness.reply(head + "more")
        #expect(harness.toClient() == head + "more")
        #expect(harness.isRelayingUp && harness.isRelayingDown)
        _ = harness.toBackend()
        harness.send("GET / no HTTP")
        harness.reply("any")
        #expect(harness.toBackend() == "GET / no HTTP")
        #expect(harness.toClient() == "any")
        harness.clientEnds()
        #expect(harness.backend.endings == [.finish])
        harness.backendEnds()
        #expect(harness.endings == [.upgraded])
        #expect(harness.records.map(\.status) == [101])
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `CONNECT becomes a tunnel, and what follows it waits for the answer`() throws {
        let harness = try RelayHarness(.http)
        let connect = "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n"
        harness.send(connect + "early")
        #expect(harness.toBackend() == connect)
        harness.reply("HTTP/1.1 200 OK\r\n\r\n")
        #expect(harness.toBackend() == "early")
        harness.reply("x")
        #expect(harness.toClient() == "HTTP/1.1 200 OK\r\n\r\nx")
        harness.backendEnds()
        #expect(harness.client.endings == [.finish])
        harness.expectNothingLeft()
        #expect(harness.endings == [.upgraded])
    }

    @Test func `a CONNECT that fails is a request like others`() throws {
        let harness = try RelayHarness(.http)
        harness.send("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n" + RelayHarness.request("/a"))
        _ = harness.toBackend()
        harness.reply("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        #expect(harness.toBackend() == RelayHarness.request("/a"))
        harness.answer("a")
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `what is no request goes on as bytes, with one warning`() throws {
        let harness = try RelayHarness(.http)
        harness.send("nonsense\r\n\r\n")
        #expect(harness.toBackend() == "nonsense\r\n\r\n")
        #expect(harness.warnings.count == 1)
        harness.send("more")
        harness.reply("what?")
        #expect(harness.toBackend() == "more")
        #expect(harness.toClient() == "what?")
        #expect(harness.warnings.count == 1)
        harness.backendEnds()
        harness.clientEnds()
        #expect(harness.isOver)
        #expect(harness.records.map(\.bytesSent) == [5])
        harness.expectNothingLeft()
    }

    @Test func `what is no request stays behind the replies that are owed`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.send("nonsense\r\n\r\n")
        #expect(harness.toBackend() == RelayHarness.request("/a") + "nonsense\r\n\r\n")
        harness.reply(RelayHarness.answer("a") + "hm")
        #expect(harness.toClient() == RelayHarness.answer("a") + "hm")
        harness.expectNothingLeft()
    }

    @Test func `bytes that the backend refuses are answered with a reset`() throws {
        let harness = try RelayHarness(.http, isConnected: false)
        harness.send("nonsense\r\n\r\n")
        harness.refuse()
        #expect(!harness.client.isOpen)
        #expect(harness.endings == [.backendRefused])
        harness.expectNothingLeft()
    }

    @Test func `a reply that is none goes on as bytes`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a", "/b")
        harness.reply("nonsense\r\n\r\n")
        harness.reply("more")
        #expect(harness.toClient() == "nonsense\r\n\r\nmore")
        harness.send("x")
        #expect(harness.toBackend() == ["/a", "/b"].map(RelayHarness.request).joined() + "x")
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `of a reply that is none the head counts as no content`(isDelayed: Bool) throws {
        let toxics = isDelayed ? [Toxic.latency(.millisecond)] : []
        let harness = try RelayHarness(.http, toxics)
        harness.get("/a")
        let reply = "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nbody"
        harness.reply(reply)
        harness.reply("more")
        harness.advance(to: .second)
        #expect(harness.toClient() == reply + "more")
        harness.backendEnds()
        harness.advance(to: 2 * .second)
        harness.expectNothingLeft()
        #expect(harness.records.map(\.status) == [200])
        #expect(harness.records.map(\.bytesSent) == [8])
        #expect(harness.endings == [.backendMalformed])
    }

    @Test func `requests held behind one whose reply is none are not lost`() throws {
        let toxic = Toxic(.latency(Latency(latency: .second, jitter: 0)), stream: .upstream)
        let harness = try RelayHarness(.http, [toxic])
        harness.get("/a")
        harness.advance(to: .second)
        harness.get("/b")
        harness.reply("nonsense\r\n\r\n")
        harness.send("x")
        harness.advance(to: 3 * .second)
        #expect(harness.toBackend() == ["/a", "/b"].map(RelayHarness.request).joined() + "x")
        harness.expectNothingLeft()
    }

    @Test func `the Host field can name the backend`() throws {
        let harness = try RelayHarness(.http, overwritesHost: true)
        harness.get("/a")
        #expect(harness.toBackend() == "GET /a HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n")
        harness.expectNothingLeft()
    }

    @Test func `a request's time counts from when it is complete`() throws {
        let harness = try RelayHarness(.http)
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
        harness.advance(to: .second)
        harness.send("ok")
        harness.advance(to: 3 * .second)
        harness.answer("")
        #expect(harness.records.map(\.duration) == [2 * .second])
        harness.expectNothingLeft()
    }

    @Test func `large bodies go on in pieces and pause a client whose backend does not read`()
        throws
    {
        let harness = try RelayHarness(.http)
        harness.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        harness.backend.queuedBytes = 256 << 10
        harness.send([UInt8](repeating: 65, count: 1000))
        #expect(!harness.client.isReading)
        harness.send([UInt8](repeating: 65, count: 999_000))
        harness.drain(harness.backend)
        #expect(harness.client.isReading)
        #expect(harness.toBackend().utf8.count == 1_000_052)
        harness.answer("ok")
        #expect(harness.endings == [.keep])
        harness.expectNothingLeft()
    }
}
