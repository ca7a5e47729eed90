import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

struct SessionRecordTests {
    @Test func `every exchange has a record, in the order of the answers`() throws {
        let client = SessionHarness()
        client.get("/a?b=c", "/made", "/none")
        client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        client.send("BREW /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let records = client.records
        #expect(records.map(\.target) == ["/a?b=c", "/made", "/none", "/a", "/a"])
        #expect(records.map(\.method) == ["GET", "GET", "GET", "HEAD", "BREW"])
        #expect(records.map(\.status) == [200, 200, 204, 200, 200])
        #expect(records.map(\.bytesSent) == [6, 5, 0, 0, 2])
        #expect(records.map(\.exchange) == [1, 2, 3, 4, 5])
        #expect(records.allSatisfy { $0.connection == 1 && $0.proxy == "test" })
        #expect(records.map(\.ending) == [.keep, .keep, .keep, .keep, .fin])
        #expect(records.allSatisfy { $0.attempt == nil && $0.faults.isEmpty })
        #expect(records.allSatisfy { $0.duration == 0 && $0.inFlight == 1 })
    }

    @Test func `TLS on a port that speaks HTTP is told as that`() throws {
        let client = SessionHarness()
        client.send("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}")
        #expect(try client.answers().map(\.status) == [400])
        #expect(client.records.map(\.target) == ["TLS on a port that speaks HTTP"])
        #expect(client.records.map(\.isMalformed) == [true])
        let other = SessionHarness()
        other.send("\u{16}\u{4}\r\n\r\n")
        #expect(other.records.map(\.target) == [""])
    }

    @Test func `a record has the client's address`() {
        let client = SessionHarness(peer: SocketAddress(host: "127.0.0.1", port: 5))
        client.get("/a")
        #expect(client.records.first?.client?.description == "127.0.0.1:5")
    }

    @Test func `connections are numbered at their proxy`() {
        let client = SessionHarness()
        let (_, second) = SessionHarness.connect(to: client.proxy)
        let (_, third) = SessionHarness.connect(to: client.proxy)
        let request = Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        for session in [third, second, client.session, third] {
            request.withUnsafeBytes { session.received($0) }
        }
        #expect(client.records.map(\.connection) == [3, 2, 1, 3])
        #expect(client.records.map(\.exchange) == [1, 1, 1, 2])
    }

    @Test func `a record tells the faults, the attempt and the time it took`() throws {
        let client = SessionHarness([.respond((503, 1)), .latency(1000)])
        client.get("/a", "/b", "/a")
        client.advance(to: 1500)
        let records = client.records
        #expect(records.map(\.attempt) == [1, 1, 2])
        for record in records {
            #expect(record.status == 503)
            #expect(record.faults.map(\.toxic.name) == ["respond_upstream", "latency_downstream"])
            #expect(
                record.faults.map(\.effect) == [.respond(503, retryAfter: nil), .latency(1000)])
            #expect(record.plannedDelay == 1000)
            #expect(record.duration == 1000)
        }
        #expect(records.map(\.inFlight) == [1, 2, 3])
    }

    @Test func `planned delays add up`() {
        let second = Toxic(
            .latency(Latency(latency: 30, jitter: 0)), stream: .downstream, name: "second")
        let client = SessionHarness([.latency(1000), second])
        client.get("/a")
        client.advance(to: 1029)
        #expect(client.records.isEmpty)
        client.advance(to: 1030)
        #expect(client.records.map(\.plannedDelay) == [1030])
        #expect(client.records.map(\.duration) == [1030])
    }

    @Test func `a late timer shows in the time it took and not in what was planned`() {
        let client = SessionHarness([.latency(1000)])
        client.get("/a")
        client.clock.now += 1777
        client.session.woke(at: client.clock.now)
        #expect(client.records.map(\.plannedDelay) == [1000])
        #expect(client.records.map(\.duration) == [1777])
    }

    @Test func `the fate in a record is the one that the plan draws`() {
        let toxics = [
            Toxic.respond((418, 1), (503, 1)), Toxic.latency(2_750_000_000, jitter: 2_250_000_000),
        ]
        let plan = FaultPlan(toxics, proxy: "test", seed: 42)
        let client = SessionHarness(toxics)
        let targets = ["/a", "/b?c", "/a", "/d", "/a"]
        client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        client.advance(to: 10_000_000_000)
        for (record, attempt) in zip(client.records, [1, 1, 2, 1, 3] as [UInt32]) {
            let hash = SeededGenerator.hash(record.target.utf8)
            let drawn = plan.draw(DrawKey(target: hash, attempt: attempt, number: 1))
            #expect(record.faults.map(\.effect) == drawn.map(\.effect))
            #expect(record.attempt == attempt)
        }
        #expect(client.records.count == 5)
    }

    @Test func `malformed requests are not drawn for and are no attempts`() {
        let client = SessionHarness([.latency(0)])
        client.send("GET /a HTTP/1.1\r\n\r\n")
        let (_, other) = SessionHarness.connect(to: client.proxy)
        Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8).withUnsafeBytes { other.received($0) }
        #expect(client.records.map(\.attempt) == [nil, 1])
        #expect(client.records.map(\.faults.count) == [0, 1])
        #expect(client.proxy.counters.drawn == 1)
    }

    @Test func `what nobody wants to hear is not recorded`() throws {
        let client = SessionHarness(wantsRecords: false)
        client.get("/a", "/made")
        #expect(client.records.isEmpty)
        #expect(try client.answers().count == 2)
    }

    @Test func `how an answer was lost is told`() {
        let endings: [(ConnectionEnding, ExchangeRecord.Ending)] = [
            (.fin, .fin), (.rst, .rst), (.peerReset, .clientRST),
        ]
        for (ending, recorded) in endings {
            let client = SessionHarness([.latency(1000)])
            client.get("/a")
            client.session.closed(ending)
            #expect(client.records.map(\.ending) == [recorded])
        }
    }

    @Test func `a request that waits ends as its connection does`() {
        let client = SessionHarness(
            [Toxic(.resetPeer(ResetPeer(timeout: 1000)), stream: .downstream)],
            requestLimits: .concurrency(1, .queue))
        client.get("/a", "/b")
        client.advance(to: 1000)
        #expect(client.records.map(\.ending) == [.rst, .rst])
    }

    @Test func `who leaves while a later request waits gives up both`() {
        let client = SessionHarness(
            [Toxic(.timeout(Timeout(timeout: 0)), stream: .downstream)],
            requestLimits: .concurrency(1, .queue))
        let (stream, session) = SessionHarness.connect(to: client.proxy)
        stream.start(session)
        stream.peerSends(Array("GET /x HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        _ = stream.deliver()
        client.get("/a")
        stream.peerResets()
        _ = stream.deliver()
        client.advance(to: 0)
        client.send("GET /b HT")
        client.send("TP/1.1\r\nHost: x\r\n\r\n")
        client.session.closed(.peerReset)
        #expect(client.records.map(\.hasGivenUp) == [true, true, true])
        #expect(client.records.map(\.target) == ["/x", "/a", "/b"])
    }
}
