import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Limits before a backend.
struct RelayLimitTests {
    @Test func `one too many never comes to the backend`() throws {
        let harness = try RelayHarness(.http, requestLimits: .concurrency(1))
        harness.get("/a", "/b")
        harness.send("HEAD /c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(harness.toBackend() == RelayHarness.request("/a"))
        #expect(harness.toClient() == "", "answers leave in order")
        harness.answer("a")
        let answers = try ParsedAnswer.all(harness.toClient(), heads: [2])
        #expect(answers.map(\.status) == [200, 503, 503])
        #expect(answers[1]["Server-Timing"] == #"refused;desc="max-concurrency""#)
        #expect(answers[1].body.contains("max-concurrency"))
        #expect(harness.records.map(\.refusal) == [nil, .maxConcurrency, .maxConcurrency])
        #expect(harness.records.map(\.bytesSent) == [1, answers[1].body.utf8.count, 0])
        #expect(harness.records.map(\.attempt) == [nil, nil, nil])
        #expect(harness.proxy.counters.peak == 1 && harness.proxy.counters.refused == 2)
        #expect(harness.proxy.counters.injected == 0)
        harness.get("/d")
        #expect(harness.toBackend() == RelayHarness.request("/d"))
        harness.expectNothingLeft()
    }

    @Test(arguments: [
        "Content-Length: 4\r\n\r\nbody",
        "Content-Length: 4\r\nExpect: x\r\n\r\nbody",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ])
    func `a refused request takes its body along`(rest: String) throws {
        let harness = try RelayHarness(.http, requestLimits: .concurrency(1))
        harness.get("/a")
        for byte in "POST /b HTTP/1.1\r\nHost: x\r\n\(rest)".utf8 { harness.send([byte]) }
        harness.get("/c")
        #expect(harness.toBackend() == RelayHarness.request("/a"))
        harness.answer("a")
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [200, 503, 503])
        #expect(harness.records.map(\.method) == ["GET", "POST", "GET"])
        #expect(harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `who waits for leave to send is refused at once, and the connection ends`() throws {
        let harness = try RelayHarness(.http, requestLimits: .concurrency(1))
        harness.get("/a")
        harness.send(
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        harness.answer("a")
        let answers = try ParsedAnswer.all(harness.toClient())
        #expect(answers.map(\.status) == [200, 503])
        #expect(answers[1]["Connection"] == "close")
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `with close the connection ends without a byte, behind the answers owed`() throws {
        let harness = try RelayHarness(.http, requestLimits: .concurrency(1, .close))
        harness.get("/a", "/b", "/never")
        harness.answer("a")
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [200])
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.records.map(\.refusal) == [nil, .maxConcurrency])
        #expect(harness.endings == [.keep, .fin])
        #expect(harness.records[1].status == nil && !harness.records[1].isUnplanned)
        harness.expectNothingLeft()
    }

    @Test func `the rate is answered 429`() throws {
        let harness = try RelayHarness(.http, requestLimits: .rate(1))
        harness.get("/a", "/b")
        harness.answer("a")
        let answers = try ParsedAnswer.all(harness.toClient())
        #expect(answers.map(\.status) == [200, 429])
        #expect(answers[1]["Retry-After"] == "1")
        #expect(harness.records.map(\.refusal) == [nil, .rate])
        harness.expectNothingLeft()
    }

    @Test(
        arguments: [
            (.redis, "PING\r\n", "-ERR "), (.memcache, "get a\r\n", "SERVER_ERROR "),
        ] as [(ProxyProtocol, String, String)])
    func `other protocols refuse in their own words`(
        protocol: ProxyProtocol, request: String, refusal: String
    ) throws {
        let harness = try RelayHarness(`protocol`, requestLimits: .concurrency(1))
        harness.send(request + request)
        #expect(harness.toBackend() == request)
        harness.reply(`protocol` == .redis ? "+PONG\r\n" : "END\r\n")
        let text = harness.toClient()
        let second = text.split(separator: "\r\n").last ?? ""
        #expect(second.hasPrefix(refusal))
        #expect(harness.records.map(\.refusal) == [nil, .maxConcurrency])
        #expect(harness.records.map(\.status) == [nil, nil])
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.send(request)
        #expect(harness.toBackend() == request)
        harness.expectNothingLeft()
    }

    @Test func `smtp refuses a command, and its greeting is none`() throws {
        let harness = try RelayHarness(.smtp, requestLimits: .rate(1))
        harness.reply("220 hi\r\n")
        #expect(harness.toClient() == "220 hi\r\n")
        harness.send("NOOP\r\n")
        harness.reply("250 ok\r\n")
        #expect(harness.toClient() == "250 ok\r\n")
        harness.send("NOOP\r\n")
        #expect(harness.toClient().hasPrefix("451 "))
        #expect(harness.records.map(\.refusal) == [nil, .rate])
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false, nil] as [Bool?])
    func `a greeting that is awaited is not under way`(isGone: Bool?) throws {
        let harness = try RelayHarness(.smtp)
        harness.client.peerHasGone = isGone
        harness.clientEnds()
        #expect(harness.proxy.counters.inFlight == 0)
        #expect(harness.proxy.clients.allSatisfy { $0.inFlight == 0 })
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, nil] as [Bool?])
    func `who has gone, or may have, is not under way any more`(isGone: Bool?) throws {
        let harness = try RelayHarness(.http, requestLimits: .concurrency(2))
        harness.get("/a", "/b")
        #expect(harness.proxy.counters.inFlight == 2)
        harness.client.peerHasGone = isGone
        harness.clientEnds()
        #expect(harness.proxy.counters.inFlight == 0)
        guard isGone == true else { return harness.expectNothingLeft() }
        #expect(harness.endings == [.clientFin, .clientFin])
        #expect(harness.records.map(\.status) == [nil, nil])
        #expect(harness.records.map(\.bytesSent) == [0, 0])
        harness.expectNothingLeft()
    }

    @Test func `who has closed one direction is under way until its answer has come`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.clientEnds()
        #expect(harness.proxy.counters.inFlight == 1)
        harness.answer("a")
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.body) == ["a"])
        #expect(harness.proxy.counters.inFlight == 0)
        harness.expectNothingLeft()
    }

    // MARK: --max-connections

    private func surplus(_ overLimit: RequestLimits.OverLimit?) -> RequestLimits {
        var limits = RequestLimits()
        (limits.maxConnections, limits.overLimit) = (1, overLimit)
        return limits
    }

    @Test(arguments: [nil, .http] as [ProxyProtocol?])
    func `one connection too many has its first request refused, and ends`(
        kind: ProxyProtocol?
    ) throws {
        for (overLimit, status) in [(.respond(503), 503), (.respond(429), 429), (.close, nil)]
            as [(RequestLimits.OverLimit, Int?)]
        {
            let crowd = try Crowd([], surplus(overLimit), before: kind)
            let (first, second) = (crowd.connect(), crowd.connect())
            crowd.get(second, "/a", "/never")
            #expect(try second.answers().map(\.status) == [status].compactMap(\.self))
            #expect(!second.isOpen)
            #expect(crowd.records.map(\.refusal) == [.maxConnections])
            #expect(crowd.records.map(\.ending) == [.fin])
            #expect(crowd.proxy.counters.peakConnections == 1)
            #expect(crowd.proxy.counters.refused == 1)
            crowd.reset(first)
            let third = crowd.connect()
            crowd.get(third, "/a")
            crowd.answerAll()
            #expect(try third.answers().map(\.status) == [200])
            crowd.expectNothingLeft()
        }
    }

    @Test func `one tcp connection too many gets a FIN and nothing else`() throws {
        let crowd = try Crowd([], surplus(.close), before: .tcp)
        _ = crowd.connect()
        let second = crowd.connect()
        #expect(second.stream.output.isEmpty && !second.isOpen)
        #expect(crowd.backends.count == 1)
        #expect(crowd.records.map(\.refusal) == [.maxConnections])
        #expect(crowd.records[0].isConnection && !crowd.records[0].isUnplanned)
        #expect(crowd.proxy.counters.inFlight == 1)
        crowd.expectNothingLeft()
    }
}
