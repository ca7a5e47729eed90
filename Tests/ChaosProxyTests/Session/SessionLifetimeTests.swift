import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What faults do to a whole connection before a site.
struct SessionLifetimeTests {
    private static let second: UInt64 = 1_000_000_000

    private func harness(_ faults: Fault..., toxicity: Toxic.Toxicity = .random(.always))
        -> SessionHarness
    {
        harness(
            faults.map { fault in
                Toxic(fault, stream: fault.type.stream, toxicity: toxicity)
            })
    }

    /// With its connection come in.
    private func harness(_ toxics: [Toxic]) -> SessionHarness {
        let harness = SessionHarness(toxics)
        harness.stream.start(harness.session)
        if harness.proxy.plan.hasArrivals { _ = harness.session.getsIn() }
        return harness
    }

    private func deliver(_ harness: SessionHarness) {
        while harness.stream.deliver() {}
    }

    private func summary(_ record: ExchangeRecord) -> String {
        let faults = record.faults.map {
            "\($0.toxic.fault.type.rawValue)\($0.hasActed ? "!" : "")"
        }
        let status = record.status.map { "\($0.code)" } ?? "-"
        return "\(record.isConnection ? "connection" : record.target) \(status) \(record.ending) "
            + faults.joined(separator: ",") + (record.isUnplanned ? " unplanned" : "")
            + (record.hasGivenUp ? " gave up" : "")
    }

    private func summaries(_ harness: SessionHarness) -> [String] {
        harness.records.map(summary)
    }

    // MARK: As it comes

    @Test func `accept-reset resets before a byte is read, and the record says it`() {
        let harness = harness(.acceptReset(AcceptReset()))
        harness.advance(to: 20_000_000 - 1)
        #expect(harness.stream.isOpen && !harness.stream.isReading)
        harness.advance(to: 20_000_000)
        #expect(harness.stream.calls.contains(.resetInOrder))
        deliver(harness)
        #expect(summaries(harness) == ["connection - rst accept-reset!"])
        #expect(harness.proxy.counters.requests == 0 && harness.proxy.counters.inFlight == 0)
        #expect(harness.proxy.counters.connections == 0)
    }

    @Test func `accept-close ends at once, and what still comes is not answered`() {
        let harness = harness(.acceptClose(AcceptClose()))
        #expect(harness.stream.endings.contains(.close(lingering: true)))
        deliver(harness)
        #expect(summaries(harness) == ["connection - fin accept-close!"])
        #expect(harness.stream.text == "")
    }

    @Test func `accept-delay reads nothing for so long, to the nanosecond`() {
        let harness = harness(.acceptDelay(AcceptDelay(delay: 2 * Self.second)))
        #expect(!harness.stream.isReading)
        #expect(harness.stream.deadline == harness.start + 2 * Self.second)
        harness.advance(to: 2 * Self.second - 1)
        #expect(!harness.stream.isReading && harness.records.isEmpty)
        harness.advance(to: 2 * Self.second)
        #expect(harness.stream.isReading)
        #expect(summaries(harness) == ["connection - keep accept-delay!"])
        #expect(harness.records[0].actualDelay == 2 * Self.second)
        harness.get("/a")
        #expect(summaries(harness).last == "/a 200 keep ")
    }

    @Test func `the time of a connection that is kept out is no idle time`() {
        let harness = harness(.acceptDelay(AcceptDelay(delay: 200 * Self.second)))
        harness.tick(150)
        #expect(harness.stream.isOpen)
        harness.advance(to: 200 * Self.second)
        harness.get("/a")
        #expect(harness.stream.text.hasPrefix("HTTP/1.1 200"))
    }

    @Test func `behind a delay the connection ends as another fault says`() {
        let harness = harness(
            .acceptDelay(AcceptDelay(delay: Self.second)), .acceptReset(AcceptReset()))
        harness.advance(to: Self.second)
        #expect(harness.stream.isOpen && harness.records.isEmpty)
        harness.advance(to: Self.second + 20_000_000)
        deliver(harness)
        #expect(summaries(harness) == ["connection - rst accept-delay!,accept-reset!"])
    }

    @Test func `who leaves while it is kept out has given up`() {
        let reset = harness(.acceptDelay(AcceptDelay(delay: Self.second)))
        reset.stream.peerResets()
        deliver(reset)
        #expect(summaries(reset) == ["connection - clientRST accept-delay! gave up"])
        let gone = harness(.acceptDelay(AcceptDelay(delay: Self.second)))
        gone.stream.peerEnds()
        deliver(gone)
        #expect(summaries(gone) == ["connection - clientFin accept-delay! gave up"])
    }

    @Test func `a toxic that is removed lets in whom it has kept out`() {
        let harness = harness(.acceptDelay(AcceptDelay(delay: 60 * Self.second)))
        harness.advance(to: Self.second)
        harness.proxy.set(toxics: [])
        harness.session.planChanged()
        harness.advance(to: Self.second)
        #expect(harness.stream.isReading)
        #expect(summaries(harness) == ["connection - keep accept-delay!"])
        #expect(harness.records[0].actualDelay == Self.second)
    }

    @Test func `a connection that is not hit is as any other`() {
        let harness = harness(.acceptReset(AcceptReset()), toxicity: .random(.never))
        harness.get("/a")
        #expect(summaries(harness) == ["/a 200 keep "])
    }

    @Test func `connections are drawn for by their number`() throws {
        let half = try #require(Probability(0.5))
        let toxic = Toxic(
            .acceptReset(AcceptReset()), stream: .downstream, toxicity: .random(half))
        let plan = FaultPlan([toxic], proxy: "test", seed: 42)
        let first = SessionHarness([toxic])
        var hits: [Bool] = []
        for _ in 0..<20 {
            let (stream, session) = SessionHarness.connect(to: first.proxy)
            stream.start(session)
            hits.append(!session.getsIn())
        }
        let drawn = (1...20).map { !plan.draw(DrawKey(connection: $0), isArrival: true).isEmpty }
        #expect(hits == drawn && hits.contains(true) && hits.contains(false))
    }

    // MARK: As it lasts

    @Test func `the race answers the first request and ends with the next`() {
        let harness = harness(.keepaliveRace(KeepaliveRace()))
        harness.get("/a")
        #expect(harness.stream.take().hasPrefix("HTTP/1.1 200"))
        #expect(harness.stream.isOpen)
        harness.get("/b")
        deliver(harness)
        #expect(harness.stream.text == "" && !harness.stream.isOpen)
        #expect(
            summaries(harness) == ["/a 200 keep keepalive-race", "/b - fin keepalive-race!"])
        #expect(harness.proxy.counters.inFlight == 0 && harness.proxy.counters.requests == 2)
    }

    @Test func `the race leaves the first answer whole where both requests come at once`() {
        let harness = harness(.keepaliveRace(KeepaliveRace()))
        harness.get("/a", "/b", "/c")
        deliver(harness)
        #expect(harness.stream.text.components(of: "HTTP/1.1 200") == 1)
        #expect(
            summaries(harness).prefix(2) == [
                "/a 200 keep keepalive-race", "/b - fin keepalive-race!",
            ])
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `close-after ends behind its answer, which does not say so`() {
        let harness = harness(.closeAfter(CloseAfter(requests: 2)))
        harness.get("/a")
        harness.get("/b")
        deliver(harness)
        #expect(!harness.stream.text.contains("onnection"))
        #expect(harness.stream.text.components(of: "HTTP/1.1 200") == 2)
        #expect(!harness.stream.isOpen)
        #expect(summaries(harness) == ["/a 200 keep close-after", "/b 200 fin close-after!"])
    }

    @Test func `a lying keep-alive is said and not kept`() {
        let harness = harness(.lyingKeepAlive(LyingKeepAlive()))
        harness.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        deliver(harness)
        #expect(harness.stream.text.contains("\r\nConnection: keep-alive\r\n"))
        #expect(!harness.stream.text.contains("close"))
        #expect(!harness.stream.isOpen)
        #expect(summaries(harness) == ["/a 200 fin lying-keep-alive!"])
    }

    @Test func `a close that stays open is said, and the connection ends when its time is over`() {
        let harness = harness(.connectionCloseStays(ConnectionCloseStays(time: 3 * Self.second)))
        harness.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(harness.stream.take().contains("\r\nConnection: close\r\n"))
        #expect(harness.stream.isOpen)
        #expect(summaries(harness) == ["/a 200 keep connection-close-stays!"])
        harness.advance(to: 3 * Self.second - 1)
        #expect(harness.stream.isOpen)
        harness.advance(to: 3 * Self.second)
        #expect(!harness.stream.isOpen)
        #expect(harness.records.count == 1)
    }

    @Test func `idle-close ends a connection that has waited for so long behind an answer`() {
        let harness = harness(.idleClose(IdleClose(time: 2 * Self.second)))
        harness.advance(to: 10 * Self.second)
        #expect(harness.stream.isOpen)
        harness.get("/a")
        harness.advance(to: 11 * Self.second)
        harness.get("/b")
        harness.advance(to: 13 * Self.second - 1)
        #expect(harness.stream.isOpen)
        harness.advance(to: 13 * Self.second)
        #expect(!harness.stream.isOpen)
        deliver(harness)
        #expect(
            summaries(harness) == [
                "/a 200 keep idle-close", "/b 200 keep idle-close", "connection - fin idle-close!",
            ])
        #expect(harness.records[2].duration == 2 * Self.second)
    }

    @Test func `half a request is no idle time`() {
        let harness = harness(.idleClose(IdleClose(time: 2 * Self.second)))
        harness.get("/a")
        harness.send("GET /b HTTP/1.1\r\n")
        harness.advance(to: 5 * Self.second)
        #expect(harness.stream.isOpen)
        harness.send("Host: x\r\n\r\n")
        harness.advance(to: 7 * Self.second - 1)
        #expect(harness.stream.isOpen)
        harness.advance(to: 7 * Self.second)
        #expect(!harness.stream.isOpen)
    }

    @Test func `what is removed does nothing to requests that follow`() {
        let harness = harness(
            .closeAfter(CloseAfter(requests: 1)), .idleClose(IdleClose(time: Self.second)))
        harness.proxy.set(toxics: [])
        harness.session.planChanged()
        harness.get("/a")
        harness.advance(to: 5 * Self.second)
        #expect(harness.stream.isOpen)
        #expect(summaries(harness) == ["/a 200 keep "])
    }

    @Test func `other toxics act before those of the connection`() {
        let harness = harness(
            .latency(Latency(latency: Self.second, jitter: 0)),
            .closeAfter(CloseAfter(requests: 1)))
        harness.get("/a")
        harness.advance(to: Self.second - 1)
        #expect(harness.stream.text == "" && harness.stream.isOpen)
        harness.advance(to: Self.second)
        #expect(harness.stream.text.hasPrefix("HTTP/1.1 200") && !harness.stream.isOpen)
        deliver(harness)
        #expect(summaries(harness) == ["/a 200 fin latency!,close-after!"])
    }
}

extension String {
    /// How often `part` is in it.
    fileprivate func components(of part: String) -> Int { split(separator: part).count }
}
