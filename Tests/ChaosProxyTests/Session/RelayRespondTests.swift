import Faults
import TestSupport
import Testing

@testable import ChaosProxy

/// Answers that a fault gives, in place of the backend.
struct RelayRespondTests {
    private func harness(_ path: String = "*", _ protocol: ProxyProtocol = .http) throws
        -> RelayHarness
    {
        var match = Match()
        match.path = path
        let respond = Respond(statuses: [(status: 503, weight: 1)], retryAfter: .second)
        return try RelayHarness(
            `protocol`, [Toxic(.respond(respond), stream: .upstream, match: match)])
    }

    @Test(arguments: [
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ])
    func `the backend is not asked`(request: String) throws {
        let harness = try harness()
        for byte in request.utf8 {
            #expect(harness.client.output.isEmpty)
            harness.send([byte])
        }
        harness.send(request)
        let answers = try ParsedAnswer.all(harness.toClient())
        #expect(answers.map(\.status) == [503, 503])
        #expect(answers.first?["Retry-After"] == "1")
        #expect(harness.dialed.isEmpty)
        #expect(harness.endings == [.keep, .keep])
        #expect(harness.records.map(\.status) == [503, 503])
        #expect(harness.records.map(\.bytesSent) == answers.map(\.body.utf8.count))
        #expect(harness.proxy.counters.injected == 2)
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `the answer to HEAD has no body`() throws {
        let harness = try harness()
        harness.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        let answers = try ParsedAnswer.all(harness.toClient(), heads: [0])
        #expect(answers.map(\.status) == [503])
        #expect(harness.records.map(\.bytesSent) == [0])
        harness.expectNothingLeft()
    }

    @Test(arguments: [
        "GET /a HTTP/1.0\r\nHost: x\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
        "POST /a HTTP/1.0\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
    ])
    func `the connection ends where it has to`(request: String) throws {
        let harness = try harness()
        harness.send(request)
        harness.send(RelayHarness.request("/b"))
        let answers = try ParsedAnswer.all(harness.toClient())
        #expect(answers.map(\.status) == [503])
        #expect(answers.first?["Connection"] == "close")
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.endings == [.fin])
        #expect(harness.dialed.isEmpty)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `answers stay in order among those of the backend`() throws {
        let harness = try harness("/x*")
        harness.get("/a", "/x1", "/b", "/x2")
        #expect(harness.toBackend() == RelayHarness.request("/a") + RelayHarness.request("/b"))
        #expect(harness.toClient() == "")
        harness.answer("a")
        let first = try ParsedAnswer.all(harness.toClient())
        #expect(first.map(\.status) == [200, 503])
        harness.answer("b")
        let second = try ParsedAnswer.all(harness.toClient())
        #expect(second.map(\.status) == [200, 503])
        #expect(harness.records.map(\.target) == ["/a", "/x1", "/b", "/x2"])
        harness.expectNothingLeft()
    }

    @Test func `an answer that closes comes behind those of the backend`() throws {
        let harness = try harness("/x")
        harness.get("/a")
        harness.send("GET /x HTTP/1.0\r\nHost: x\r\n\r\n")
        harness.answer("a")
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [200, 503])
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(!harness.backend.isOpen)
        #expect(harness.isOver)
        #expect(harness.endings == [.keep, .fin])
        harness.expectNothingLeft()
    }

    @Test func `a refused backend does not take the answers before it`() throws {
        let harness = try RelayHarness(.http, [.respond((503, 1))], isConnected: false)
        harness.get("/a")
        harness.set([])
        harness.get("/b")
        harness.refuse()
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [503])
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.keep, .backendRefused])
        harness.expectNothingLeft()
    }

    @Test func `a body that breaks off in nonsense is not sent to the backend`() throws {
        let harness = try harness()
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        harness.send("nonsense\r\n")
        harness.connect()
        #expect(harness.backend.output.isEmpty)
        #expect(harness.dialed.isEmpty)
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `a request that is never complete does not take the replies before it`() throws {
        let harness = try harness("/x")
        harness.get("/a")
        harness.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart")
        harness.clientEnds()
        harness.answer("a")
        #expect(harness.toClient().hasPrefix(RelayHarness.answer("a")))
        #expect(!harness.client.isOpen)
        #expect(harness.records.first?.ending == .keep)
        harness.expectNothingLeft()
    }

    @Test func `an answer takes its delay`() throws {
        let harness = try RelayHarness(.http, [.latency(.second), .respond((503, 1))])
        harness.get("/a")
        harness.advance(to: .second - 1)
        #expect(harness.toClient() == "")
        harness.advance(to: .second)
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [503])
        harness.expectNothingLeft()
    }

    @Test func `an answer takes the delay of its request, as before a site`() throws {
        let latency = Toxic(.latency(Latency(latency: .second, jitter: 0)), stream: .upstream)
        let harness = try RelayHarness(.http, [latency, .respond((503, 1))])
        harness.get("/a")
        #expect(harness.toClient() == "")
        harness.advance(to: .second)
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [503])
        harness.expectNothingLeft()
    }

    @Test func `a backend that speaks while a fault answers is not heard`() throws {
        var match = Match()
        match.method = "POST"
        let respond = Respond(statuses: [(503, 1)], retryAfter: nil)
        let harness = try RelayHarness(
            .http, [Toxic(.respond(respond), stream: .upstream, match: match)])
        harness.get("/a")
        harness.answer("a")
        _ = harness.toClient()
        harness.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nha")
        harness.reply("HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n")
        #expect(harness.toClient() == "")
        harness.send("lf")
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [503])
        #expect(harness.client.isOpen && !harness.backend.isOpen)
        harness.expectNothingLeft()
    }
}
