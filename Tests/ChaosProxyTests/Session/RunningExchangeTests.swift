import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What is told of exchanges before they are over.
struct RunningExchangeTests {
    private func running(_ session: Session) -> [RunningExchange] {
        var found: [RunningExchange] = []
        session.forEachRunning { found.append($0) }
        return found
    }

    @Test func `a request that a fault holds is told, with what its record will say`() throws {
        let peer = try #require(SocketAddress(host: "127.0.0.1", port: 4711))
        let harness = SessionHarness([.latency(.second)], peer: peer)
        #expect(running(harness.session).isEmpty)
        harness.get("/a?b=1", "/b")
        let told = running(harness.session)
        try #require(told.count == 2 && harness.proxy.runningCount == 2)
        #expect(
            told[0].start == harness.clock.instant && told[0].faults.map(\.rawValue) == ["latency"])
        harness.advance(to: 2 * .second)
        try #require(harness.records.count == 2)
        for (told, record) in zip(told, harness.records) {
            #expect(told.proxy == record.proxy && told.client == record.client)
            #expect(told.connection == record.connection && told.exchange == record.exchange)
            #expect(told.method == record.method && told.target == record.target)
            #expect(told.attempt == record.attempt && !told.isWaiting)
        }
        #expect(running(harness.session).isEmpty && harness.proxy.runningCount == 0)
    }

    @Test func `what was no request, and what has no record, is not told`() throws {
        let harness = SessionHarness([.latency(.second)])
        harness.send("nonsense\r\n\r\n")
        #expect(running(harness.session).isEmpty)
        let mail = try RelayHarness(.smtp)
        #expect(running(mail.session).isEmpty, "the greeting")
        mail.reply("220 hello\r\n")
        mail.send("NOOP\r\n")
        #expect(running(mail.session).map(\.method) == ["NOOP"])
        mail.reply("250 yes\r\n")
        #expect(running(mail.session).isEmpty && mail.records.count == 1)
    }

    @Test(arguments: [[], [Toxic.latency(.second)]])
    func `a connection that is the exchange is told until it is over`(toxics: [Toxic]) throws {
        let harness = try RelayHarness(.tcp, toxics)
        harness.send("hello")
        let told = running(harness.session)
        try #require(told.count == 1 && harness.proxy.runningCount == 1)
        #expect(told[0].method.isEmpty && told[0].target.isEmpty && told[0].attempt == nil)
        #expect(told[0].exchange == 1 && told[0].faults == toxics.map(\.fault.type))
        harness.clientResets()
        harness.advance(to: 5 * .second)
        #expect(harness.records.map(\.exchange) == [1] && running(harness.session).isEmpty)
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `what waits for its place is told, and that does not number it`(
        kind: ProxyProtocol?
    ) throws {
        let crowd = try Crowd([.latency(.second)], .concurrency(1, .queue), before: kind)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a")
        crowd.advance(to: .second / 2)
        let since = crowd.clock.instant
        crowd.get(second, "/b", "/c")
        crowd.advance(to: .second * 3 / 4)
        for _ in 0..<3 {
            let told = crowd.proxy.running(atMost: 100)
            try #require(told.map(\.target) == ["/b"])
            #expect(told[0].isWaiting && told[0].exchange == 1 && told[0].start == since)
            #expect(told[0].attempt == nil && told[0].faults.isEmpty)
        }
        #expect(crowd.proxy.running(atMost: 0).isEmpty && crowd.proxy.runningCount == 2)
        for second in UInt64(1)...5 {
            crowd.answerAll()
            crowd.advance(to: second * .second)
            crowd.answerAll()
        }
        #expect(crowd.records.map(\.target) == ["/a", "/b", "/c"])
        #expect(crowd.records.map(\.exchange) == [1, 1, 2])
        crowd.expectNothingLeft()
    }

    @Test func `what comes through another proxy of ours is told there`() {
        let harness = SessionHarness([.latency(.second)])
        harness.session.comes(via: "chaos", isCountedThere: true)
        harness.get("/a")
        #expect(running(harness.session).isEmpty && harness.proxy.runningCount == 0)
        harness.advance(to: .second)
        #expect(harness.records.count == 1)
    }

    @Test(arguments: [
        (298, "x", 299), (299, "x", 300), (300, "x", 300), (5000, "x", 300), (7000, "%cc", 300),
    ])
    func `long targets are cut`(_ count: Int, _ unit: String, _ told: Int) {
        let harness = SessionHarness([.latency(.second)])
        harness.get("/" + String(repeating: unit, count: count / unit.count))
        let targets = running(harness.session).map(\.target)
        #expect(targets.map(\.unicodeScalars.count) == [told])
        #expect(targets.allSatisfy { ($0.last == "…") == (count > 299) })
    }
}
