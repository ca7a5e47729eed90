import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Answers that have to wait: never early, in order, and all at the same time.
struct SessionDelayTests {
    @Test(arguments: [ToxicStream.upstream, .downstream])
    func `what is held for ever wakes nobody`(stream: ToxicStream) {
        let client = SessionHarness([Toxic(.timeout(Timeout(timeout: 0)), stream: stream)])
        client.get("/a")
        #expect(client.stream.deadline == nil)
    }

    @Test func `a delay is exact to the nanosecond`() throws {
        for target in ["/a", "/made", "/none", "/large"] {
            let client = SessionHarness([.latency(123_456_789)])
            client.get(target)
            #expect(client.stream.deadline == client.start + 123_456_789)
            client.advance(to: 123_456_788)
            #expect(client.stream.output.isEmpty)
            client.advance(to: 123_456_789)
            #expect(try client.answers().count == 1)
            #expect(client.stream.deadline == nil)
        }
    }

    @Test func `a delay begins when the request is complete`() throws {
        let client = SessionHarness([.latency(1000)])
        client.send("POST /a HTTP/1.1\r\nHo")
        client.advance(to: 300)
        client.send("st: x\r\nContent-Length: 2\r\n\r\nh")
        client.advance(to: 700)
        client.send("i")
        #expect(client.stream.deadline == client.start + 1700)
        client.advance(to: 1699)
        #expect(client.stream.output.isEmpty)
        client.advance(to: 1700)
        #expect(try client.bodies() == ["/a"])
    }

    @Test func `a wake-up before its time lets nothing out`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a")
        client.session.woke(at: client.start + 999)
        #expect(client.stream.output.isEmpty)
        #expect(client.stream.deadline == client.start + 1000)
    }

    @Test func `delays of pipelined requests overlap`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a", "/b", "/c")
        client.advance(to: 999)
        #expect(client.stream.output.isEmpty)
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/a", "/b", "/c"])
    }

    @Test func `a request that comes later leaves later`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a")
        client.advance(to: 400)
        client.get("/b")
        client.advance(to: 1399)
        #expect(try client.bodies() == ["/a"])
        #expect(client.stream.deadline == client.start + 1400)
        client.advance(to: 1400)
        #expect(try client.bodies() == ["/b"])
    }

    @Test func `answers leave in the order of the requests whatever is due first`() throws {
        for seed in 0..<50 {
            let client = SessionHarness([.latency(1_000_000, jitter: 1_000_000)])
            let targets = (0..<20).map { "/\(seed)/\($0)" }
            client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            client.advance(to: 2_000_000)
            #expect(try client.bodies() == targets)
            #expect(client.stream.deadline == nil)
        }
    }

    @Test func `an answer leaves at the latest delay of those up to it`() throws {
        let toxic = Toxic.latency(1000, jitter: 1000)
        let plan = FaultPlan([toxic], proxy: "test", seed: 42)
        let targets = (0..<12).map { "/\($0)/made" }
        let delays = targets.map { target -> UInt64 in
            let hash = SeededGenerator.hash(target.utf8)
            let drawn = plan.draw(DrawKey(target: hash, attempt: 1, number: 1))
            guard case .latency(let delay)? = drawn.first?.effect else { return 0 }
            return delay
        }
        let client = SessionHarness([toxic])
        client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        for time in 0...UInt64(2000) {
            client.advance(to: time)
            let due = delays.firstIndex { $0 > time } ?? delays.count
            let sent = try ParsedAnswer.all(client.stream.text).map(\.body)
            try #require(sent == Array(targets[..<due]), "after \(time) ns")
        }
    }

    @Test func `an answer without a delay waits behind one that has one`() throws {
        let half = try #require(Probability(0.5))
        let toxic = Toxic(
            .latency(Latency(latency: 1000, jitter: 0)), stream: .downstream, toxicity: .exact(half)
        )
        let client = SessionHarness([toxic])
        let targets = (0..<20).map { "/\($0)/made" }
        client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        let first = client.records.count
        #expect(try client.bodies() == Array(targets[..<first]))
        client.advance(to: 1000)
        #expect(try client.bodies() == Array(targets[first...]))
        #expect(client.records.count { $0.plannedDelay == 1000 } == 10)
    }

    @Test func `latency upstream delays the request and so the answer`() throws {
        let toxic = Toxic(.latency(Latency(latency: 1000, jitter: 0)), stream: .upstream)
        let client = SessionHarness([toxic])
        client.get("/a")
        #expect(client.stream.output.isEmpty)
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/a"])
    }

    @Test func `the date of a delayed answer is that of its leaving`() throws {
        // RFC 9110 §6.6.1: the date and time at which the message was originated.
        let client = SessionHarness([.latency(5_000_000_000)])
        client.get("/a")
        client.environment.date += 5
        client.advance(to: 5_000_000_000)
        #expect(try client.answers().first?["Date"]?.suffix(12) == "08:49:42 GMT")
    }

    // MARK: Respond

    @Test func `an injected answer replaces the site's, which is not asked`() throws {
        let client = SessionHarness([.respond((418, 1))]) { _ in
            Issue.record("the site was asked")
            return .made(HTTPResponse(500))
        }
        client.get("/a")
        let answer = try #require(try client.answers().first)
        #expect(answer.status == 418)
        #expect(answer.body == "418 I'm a teapot (injected)\n")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["Retry-After"] == nil)
        #expect(client.proxy.counters.injected == 1)
    }

    @Test func `an injected answer is delayed like any response`() throws {
        let client = SessionHarness([.respond((503, 1), retryAfter: 1_500_000_000), .latency(70)])
        client.get("/a")
        client.advance(to: 69)
        #expect(client.stream.output.isEmpty)
        client.advance(to: 70)
        let answer = try #require(try client.answers().first)
        #expect(answer.status == 503)
        #expect(answer["Retry-After"] == "2")
    }

    @Test func `an injected answer to HEAD has no body`() throws {
        let client = SessionHarness([.respond((418, 1))])
        client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nHEAD /b HTTP/1.1\r\nHost: x\r\n\r\n")
        let answers = try client.answers(heads: [0, 1])
        #expect(answers.map(\.status) == [418, 418])
        #expect(answers.map { $0["Content-Length"] } == ["28", "28"])
    }

    @Test func `an injected 204 has no Content-Length`() throws {
        let client = SessionHarness([.respond((204, 1))])
        client.get("/a", "/b")
        let answers = try client.answers()
        #expect(answers.map(\.status) == [204, 204])
        #expect(answers.map { $0["Content-Length"] } == [nil, nil])
    }

    @Test func `a new plan has its own Retry-After`() throws {
        let client = SessionHarness([.respond((503, 1), retryAfter: 1_000_000_000)])
        client.get("/a")
        let other = Toxic.respond((503, 1), retryAfter: 9_000_000_000)
        client.proxy.set(toxics: [other])
        client.get("/b")
        client.proxy.set(toxics: [.respond((503, 1))])
        client.get("/c")
        #expect(try client.answers().map { $0["Retry-After"] } == ["1", "9", nil])
    }

    @Test func `a new plan counts from the next exchange on`() throws {
        let client = SessionHarness([.latency(100)])
        client.get("/a")
        client.proxy.set(toxics: [])
        client.get("/b")
        #expect(client.stream.output.isEmpty)
        client.advance(to: 100)
        #expect(try client.bodies() == ["/a", "/b"])
        client.get("/c")
        #expect(try client.bodies() == ["/c"])
    }
}
