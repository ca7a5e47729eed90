import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What faults do to a whole connection before a backend.
struct RelayLifetimeTests {
    private static let second: UInt64 = 1_000_000_000

    private func harness(_ protocol: ProxyProtocol, _ faults: Fault...) throws -> RelayHarness {
        try RelayHarness(`protocol`, faults.map { Toxic($0, stream: $0.type.stream) })
    }

    private func summaries(_ harness: RelayHarness) -> [String] {
        harness.records.map { record in
            let faults = record.faults.map {
                "\($0.toxic.fault.type.rawValue)\($0.hasActed ? "!" : "")"
            }
            let name = record.isConnection ? "connection" : record.target
            return "\(name) \(record.ending) \(faults.joined(separator: ","))"
                + (record.isUnplanned ? " unplanned" : "") + (record.hasGivenUp ? " gave up" : "")
        }
    }

    @Test(arguments: [ProxyProtocol.tcp, .http, .smtp])
    func `one that is turned away never reaches the backend`(protocol: ProxyProtocol) throws {
        let reset = try harness(`protocol`, .acceptReset(AcceptReset()))
        reset.advance(to: 20_000_000)
        #expect(reset.dialed.isEmpty && reset.client.calls.contains(.resetInOrder))
        #expect(summaries(reset) == ["connection rst accept-reset!"])
        #expect(reset.isOver && reset.proxy.counters.inFlight == 0)
        #expect(reset.traffic == [.start, .end])
        let close = try harness(`protocol`, .acceptClose(AcceptClose()))
        #expect(close.dialed.isEmpty && close.isOver)
        #expect(summaries(close) == ["connection fin accept-close!"])
    }

    @Test(arguments: [ProxyProtocol.tcp, .http])
    func `one that is kept out gets in when its time has come`(protocol: ProxyProtocol) throws {
        let harness = try harness(`protocol`, .acceptDelay(AcceptDelay(delay: Self.second)))
        harness.get("/a")
        #expect(harness.dialed.isEmpty && !harness.client.isReading)
        #expect(harness.proxy.counters.inFlight == (`protocol` == .tcp ? 1 : 0))
        harness.advance(to: Self.second - 1)
        #expect(harness.dialed.isEmpty)
        harness.advance(to: Self.second)
        #expect(harness.dialed.count == 1)
        #expect(harness.backend.text.hasPrefix("GET /a"))
        harness.answer("x")
        #expect(harness.client.text.hasSuffix("x"))
        harness.clientEnds()
        harness.backendEnds()
        guard `protocol` == .tcp else {
            #expect(summaries(harness) == ["connection keep accept-delay!", "/a keep "])
            return
        }
        #expect(harness.records.count == 1)
        #expect(harness.records[0].actualDelay == Self.second)
        #expect(harness.records[0].faults.map(\.hasActed) == [true])
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test(arguments: [ProxyProtocol.tcp, .http])
    func `who leaves while it is kept out has given up`(protocol: ProxyProtocol) throws {
        let harness = try harness(`protocol`, .acceptDelay(AcceptDelay(delay: Self.second)))
        harness.clientResets()
        #expect(summaries(harness) == ["connection clientRST accept-delay! gave up"])
        #expect(harness.isOver && harness.proxy.counters.inFlight == 0)
    }

    @Test(arguments: [ProxyProtocol.tcp, .http])
    func `a drain ends one that is kept out`(protocol: ProxyProtocol) throws {
        let harness = try harness(`protocol`, .acceptDelay(AcceptDelay(delay: Self.second)))
        harness.session.drain()
        harness.settle()
        #expect(harness.isOver)
        #expect(summaries(harness) == ["connection fin accept-delay!"])
    }

    @Test func `a connection is drawn for once, with the number that all its toxics see`() throws {
        let latency = Fault.latency(Latency(latency: 5, jitter: 0))
        let harness = try harness(.tcp, .acceptDelay(AcceptDelay(delay: 9)), latency)
        #expect(harness.session.ordinal == 1)
        harness.advance(to: 9)
        harness.send("x")
        harness.clientEnds()
        harness.backendEnds()
        harness.advance(to: 100)
        #expect(
            harness.records[0].faults.map(\.toxic.name) == [
                "accept-delay_downstream", "latency_downstream",
            ])
    }

    @Test func `a change while it is kept out is met when it gets in`() throws {
        let delay = Toxic(.acceptDelay(AcceptDelay(delay: 9)), stream: .downstream)
        let harness = try RelayHarness(.tcp, [delay])
        let latency = Toxic(.latency(Latency(latency: 5, jitter: 0)), stream: .upstream)
        harness.proxy.set(toxics: [delay, latency])
        harness.session.planChanged()
        harness.settle()
        #expect(harness.dialed.isEmpty)
        harness.proxy.set(toxics: [latency])
        harness.session.planChanged()
        harness.advance(to: 0)
        #expect(harness.dialed.count == 1)
        harness.send("x")
        #expect(harness.backend.text == "")
        harness.advance(to: 5)
        #expect(harness.backend.text == "x")
    }

    @Test func `the race ends the second request, which the backend never sees`() throws {
        let harness = try harness(.http, .keepaliveRace(KeepaliveRace()))
        harness.get("/a")
        harness.answer("x")
        #expect(harness.client.isOpen && harness.client.text.hasSuffix("x"))
        harness.get("/b")
        #expect(!harness.client.isOpen && !harness.backend.text.contains("/b"))
        #expect(summaries(harness) == ["/a keep keepalive-race", "/b fin keepalive-race!"])
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `close-after and a lying keep-alive end behind the backend's answer`() throws {
        let after = try harness(.http, .closeAfter(CloseAfter(requests: 1)))
        after.get("/a")
        after.answer("x")
        #expect(after.client.text == RelayHarness.answer("x") && !after.client.isOpen)
        #expect(summaries(after) == ["/a fin close-after!"])
        let lying = try harness(.http, .lyingKeepAlive(LyingKeepAlive()))
        lying.get("/a")
        lying.answer("x")
        #expect(
            lying.client.text
                == "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx")
        #expect(!lying.client.isOpen)
        #expect(lying.records[0].status == 200 && lying.records[0].isMangled)
        #expect(summaries(lying) == ["/a fin lying-keep-alive!"])
    }

    @Test func `a close that stays open outlives the backend's connection`() throws {
        let harness = try harness(
            .http, .connectionCloseStays(ConnectionCloseStays(time: Self.second)))
        harness.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        harness.reply("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")
        harness.backendEnds()
        #expect(harness.client.isOpen)
        #expect(summaries(harness) == ["/a keep connection-close-stays!"])
        harness.advance(to: Self.second - 1)
        #expect(harness.client.isOpen)
        harness.advance(to: Self.second)
        #expect(!harness.client.isOpen)
    }

    @Test func `idle-close ends a connection with its backend's`() throws {
        let harness = try harness(.http, .idleClose(IdleClose(time: Self.second)))
        harness.get("/a")
        harness.answer("x")
        harness.advance(to: Self.second - 1)
        #expect(harness.client.isOpen)
        harness.advance(to: Self.second)
        #expect(!harness.client.isOpen && !harness.backend.isOpen && harness.isOver)
        #expect(summaries(harness) == ["/a keep idle-close", "connection fin idle-close!"])
    }
}
