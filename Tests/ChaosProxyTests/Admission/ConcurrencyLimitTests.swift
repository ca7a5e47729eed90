import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

extension RequestLimits {
    static func concurrency(_ maximum: Int, _ overLimit: OverLimit? = nil) -> RequestLimits {
        var limits = RequestLimits()
        (limits.maxConcurrency, limits.overLimit) = (maximum, overLimit)
        return limits
    }

    static func rate(_ rate: Double, _ overLimit: OverLimit? = nil) -> RequestLimits {
        var limits = RequestLimits()
        (limits.rate, limits.overLimit) = (rate, overLimit)
        return limits
    }
}

/// `--max-concurrency` and `--rate` before a site: who is over them is answered, or not, at once.
struct ConcurrencyLimitTests {
    /// A client that waits a second for each answer.
    private func client(_ limits: RequestLimits, tellsFaults: Bool = true) -> SessionHarness {
        SessionHarness([.latency(.second)], requestLimits: limits, tellsFaults: tellsFaults)
    }

    @Test(
        arguments: [
            (nil, 503), (.respond(503), 503), (.respond(429), 429),
        ] as [(RequestLimits.OverLimit?, Int)])
    func `one too many is answered, and told why`(
        overLimit: RequestLimits.OverLimit?, status: Int
    ) throws {
        let client = client(.concurrency(2, overLimit))
        client.get("/a", "/b", "/c")
        #expect(client.stream.output.isEmpty, "answers leave in order")
        client.advance(to: .second)
        let answers = try client.answers()
        #expect(answers.map(\.status) == [200, 200, status])
        #expect(answers[2]["Retry-After"] == "1")
        #expect(answers[2]["Server-Timing"] == #"refused;desc="max-concurrency""#)
        #expect(answers[2]["Cache-Control"] == "no-store")
        #expect(answers[2]["Connection"] == nil)
        #expect(answers[2].body.contains("max-concurrency"))
        #expect(!answers[2].body.contains("injected"))
        #expect(client.stream.isOpen)
        client.get("/d")
        client.advance(to: 2 * .second)
        #expect(try client.answers().map(\.status) == [200], "the connection goes on")
    }

    @Test func `the record says what was refused, and nothing was drawn for it`() throws {
        let client = client(.concurrency(1))
        client.get("/a", "/a", "/a")
        client.advance(to: .second)
        let refused = client.records[1...]
        #expect(refused.map(\.refusal) == [.maxConcurrency, .maxConcurrency])
        #expect(refused.map(\.status) == [503, 503])
        #expect(refused.map(\.exchange) == [2, 3])
        for record in refused {
            #expect(record.method == "GET" && record.target == "/a")
            #expect(record.attempt == nil && record.faults.isEmpty)
            #expect(record.plannedDelay == 0 && record.actualDelay == 0)
            #expect(record.inFlight == 1, "it was never one of them")
            #expect(record.bytesPromised == record.bytesSent && record.bytesSent > 0)
            #expect(!record.isUnplanned && !record.isMalformed)
        }
        let counters = client.proxy.counters
        #expect(counters.requests == 3 && counters.refused == 2 && counters.drawn == 1)
        #expect(counters.peak == 1 && counters.inFlight == 0)
        #expect(counters.recorded.refusals == [.maxConcurrency: 2])
        client.get("/a")
        client.advance(to: 2 * .second)
        #expect(client.records.last?.attempt == 2, "who was refused made no attempt")
    }

    @Test func `as many as the limit are never refused, also when they start anew`() throws {
        let client = client(.concurrency(5))
        for round in UInt64(1)...20 {
            client.get("/a", "/b", "/c", "/d", "/e")
            client.advance(to: round * .second)
            #expect(try client.answers().map(\.status) == [200, 200, 200, 200, 200])
        }
        #expect(client.proxy.counters.refused == 0)
        #expect(client.proxy.counters.peak == 5)
    }

    @Test func `the refusal of HEAD has no body, and promises none in its record`() throws {
        let client = client(.concurrency(1))
        client.get("/a")
        client.send("HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n")
        client.advance(to: .second)
        let answers = try client.answers(heads: [1])
        #expect(answers.map(\.status) == [200, 503])
        #expect(answers[1]["Content-Length"] != "0")
        #expect(client.records[1].bytesPromised == 0 && client.records[1].bytesSent == 0)
        #expect(client.records[1].status == 503 && !client.records[1].isUnplanned)
    }

    @Test(arguments: [
        "GET /b HTTP/1.0\r\nHost: x\r\n\r\n",
        "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ])
    func `who asked for the end gets it behind the refusal`(request: String) throws {
        let client = client(.concurrency(1))
        client.get("/a")
        client.send(request)
        client.get("/never")
        client.advance(to: .second)
        let answers = try client.answers()
        #expect(answers.map(\.status) == [200, 503])
        #expect(answers[1]["Connection"] == "close")
        #expect(!client.stream.isOpen)
        #expect(client.records.map(\.ending) == [.keep, .fin])
    }

    @Test(arguments: [
        "Content-Length: 4\r\n\r\nbody",
        "Content-Length: 4\r\nExpect: 100-continue\r\n\r\nbody",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ])
    func `a refused request takes its body along, however it comes`(rest: String) throws {
        let client = client(.concurrency(1))
        client.get("/a")
        for byte in "POST /b HTTP/1.1\r\nHost: x\r\n\(rest)".utf8 { client.send([byte]) }
        client.get("/c")
        #expect(client.stream.output.isEmpty)
        client.advance(to: .second)
        #expect(try client.answers().map(\.status) == [200, 503, 503])
        #expect(client.records.map(\.method) == ["GET", "POST", "GET"])
        #expect(client.stream.isOpen)
    }

    @Test func `a body that waits for leave gets it, and its request is judged at its end`() throws
    {
        let client = client(.concurrency(1))
        client.send(
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.stream.take() == "HTTP/1.1 100 Continue\r\n\r\n")
        let (_, other) = SessionHarness.connect(to: client.proxy)
        Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { other.received($0) }
        client.send("body")
        #expect(try client.answers().map(\.status) == [503])
        #expect(client.records.map(\.refusal) == [.maxConcurrency])
    }

    @Test func `with close the connection ends without a byte, behind the answers owed`() throws {
        let client = client(.concurrency(2, .close))
        client.get("/a", "/b", "/c", "/never")
        #expect(client.stream.isOpen && client.stream.output.isEmpty)
        client.advance(to: .second)
        #expect(try client.answers().map(\.body) == ["/a", "/b"])
        #expect(client.stream.endings == [.close(lingering: true)])
        #expect(client.records.map(\.refusal) == [nil, nil, .maxConcurrency])
        #expect(client.records.map(\.ending) == [.keep, .keep, .fin])
        let last = try #require(client.records.last)
        #expect(last.status == nil && last.bytesPromised == nil && last.bytesSent == 0)
        #expect(!last.isUnplanned)
        #expect(client.proxy.counters.requests == 3)
    }

    @Test func `with close a fresh connection gets nothing but a FIN`() {
        let client = client(.concurrency(1, .close))
        let (stream, other) = SessionHarness.connect(to: client.proxy)
        client.get("/a")
        Array("GET /b HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { other.received($0) }
        #expect(stream.output.isEmpty)
        #expect(stream.endings == [.close(lingering: true)])
        #expect(client.records.map(\.target) == ["/b"])
    }

    @Test func `a malformed request is refused for what it is`() throws {
        let client = client(.concurrency(1))
        client.get("/a")
        client.send("nonsense\r\n\r\n")
        client.advance(to: .second)
        #expect(try client.answers().map(\.status) == [200, 400])
        #expect(client.records.map(\.refusal) == [nil, nil])
        #expect(client.proxy.counters.refused == 0)
    }

    @Test func `a limit holds from the next request on`() throws {
        let client = client(.concurrency(1))
        client.get("/a", "/refused")
        client.proxy.set(limits: .concurrency(3))
        client.get("/b", "/c", "/refused")
        client.proxy.set(limits: RequestLimits())
        client.get("/d")
        client.proxy.set(limits: .concurrency(1))
        client.get("/refused")
        client.advance(to: .second)
        #expect(
            client.records.map { $0.refusal == nil } == [
                true, false, true, true, false, true,
                false,
            ])
        #expect(client.proxy.counters.peak == 4, "who was in when it sank stays")
    }

    @Test func `no Retry-After means none`() throws {
        let clock = ManualClock(5)
        let environment = ProxyEnvironment(date: 0) { clock.instant }
        let errors = Respond(statuses: [(status: 503, weight: 1)], retryAfter: nil)
        let proxy = Proxy(
            name: "test", upstream: .site(TestSite.answer), environment: environment,
            errors: errors, requestLimits: .rate(0.001))
        let (stream, session) = SessionHarness.connect(to: proxy)
        for _ in 0..<2 {
            Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes(session.received)
        }
        let answers = try ParsedAnswer.all(stream.text)
        #expect(answers.map(\.status) == [200, 429])
        #expect(answers[1]["Retry-After"] == nil)
    }

    // MARK: --rate

    @Test func `what is over the rate is answered 429, with a Retry-After that is enough`() throws {
        let client = SessionHarness(requestLimits: .rate(0.4))
        client.get("/a", "/b")
        let answers = try client.answers()
        #expect(answers.map(\.status) == [200, 429])
        #expect(answers[1]["Retry-After"] == "3", "the next one comes after 2.5 s")
        #expect(answers[1]["Server-Timing"] == #"refused;desc="rate""#)
        #expect(answers[1].body.contains("rate"))
        #expect(client.records.map(\.refusal) == [nil, .rate])
        client.advance(to: 2_499_999_999)
        client.get("/c")
        #expect(try client.answers().map(\.status) == [429])
        client.advance(to: 2_500_000_000)
        client.get("/d")
        #expect(try client.answers().map(\.status) == [200])
    }

    @Test(arguments: [nil, .respond(503), .queue, .close] as [RequestLimits.OverLimit?])
    func `the rate answers 429, whatever becomes of the others`(
        overLimit: RequestLimits.OverLimit?
    ) throws {
        let client = SessionHarness(requestLimits: .rate(2, overLimit))
        client.get("/a", "/b", "/c")
        #expect(try client.answers().map(\.status) == [200, 200, 429])
        #expect(client.stream.isOpen)
        #expect(client.proxy.counters.recorded.refusals == [.rate: 1])
    }

    @Test func `another limit leaves the tokens as they are, another rate fills them`() throws {
        let client = SessionHarness(requestLimits: .rate(1))
        client.get("/a")
        var limits = RequestLimits.rate(1)
        limits.maxConcurrency = 7
        client.proxy.set(limits: limits)
        client.get("/b")
        limits.rate = 2
        client.proxy.set(limits: limits)
        client.get("/c", "/d", "/e")
        #expect(try client.answers().map(\.status) == [200, 429, 200, 200, 429])
    }
}
