import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Toxics with counts of their own, before sessions of every kind.
struct ProxyDrawTests {
    private func toxic(
        _ name: String, _ range: String, _ counting: ExchangeRange.Counting,
        _ toxicity: Toxic.Toxicity = .random(.always), _ change: (inout Match) -> Void = { _ in }
    ) throws -> Toxic {
        var match = Match()
        change(&match)
        return Toxic(
            .noop(Noop()), stream: .upstream, toxicity: toxicity, name: name,
            exchanges: try ExchangeRange(range, counting: counting),
            match: match == Match() ? nil : match)
    }

    private func names(_ harness: SessionHarness) -> [String] {
        harness.records.map { $0.faults.map(\.toxic.name).joined(separator: " ") }
    }

    private func get(_ target: String, _ fields: String = "", method: String = "GET") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
    }

    @Test func `only what is let in is counted, whatever its target`() throws {
        let harness = SessionHarness([
            try toxic("p", "1...2", .match) { $0.method = "POST" }
        ])
        for (target, method) in [("/a", "GET"), ("/a", "POST"), ("/b", "POST"), ("/a", "POST")] {
            harness.send(get(target, "Content-Length: 0\r\n", method: method))
        }
        #expect(names(harness) == ["", "p", "p", ""])
    }

    @Test func `a coin that misses is counted too`() throws {
        let rare = try #require(Probability(0.3))
        let toxics = [
            try toxic("half", "1...", .match, .random(rare)),
            try toxic("every", "every 2", .match),
        ]
        let harness = SessionHarness(toxics)
        for _ in 0..<20 { harness.send(get("/a")) }
        #expect(names(harness).count { $0.hasSuffix("every") } == 10)
        let hits = names(harness).count { $0.contains("half") }
        #expect(hits > 0 && hits < 20)
    }

    @Test func `each value of the header has a count of its own`() throws {
        let header = HeaderMatch(name: "x-test", value: "?")
        let harness = SessionHarness([try toxic("h", "1...2", .header) { $0.header = header }])
        for value in ["a", "a", "b", "a", "long", "b", "b"] {
            harness.send(get("/a", "X-Test: \(value)\r\n"))
        }
        harness.send(get("/a", "X-Test: long\r\nX-Test: b\r\n"))
        harness.send(get("/a", "X-Test: long\r\nX-Test: c\r\n"))
        #expect(names(harness) == ["h", "h", "h", "", "", "h", "", "", "h"])
    }

    @Test func `each client has a count of its own, whatever its port`() throws {
        let harness = SessionHarness([try toxic("c", "1", .client)])
        let clients = [
            ("10.0.0.1", 1), ("10.0.0.1", 2), ("10.0.0.2", 3), ("::ffff:10.0.0.2", 4), ("::1", 5),
        ]
        for (host, port) in clients {
            let peer = SocketAddress(host: host, port: UInt16(port))
            let (_, session) = SessionHarness.connect(to: harness.proxy, from: peer)
            Array(get("/a").utf8).withUnsafeBytes { session.received($0) }
        }
        #expect(names(harness) == ["c", "", "c", "", "c"])
    }

    @Test func `a reset begins the counts again, a change of others does not`() throws {
        let counted = try toxic("m", "1", .match)
        let harness = SessionHarness([counted])
        harness.get("/a", "/b")
        harness.proxy.set(toxics: [counted, .latency(0)])
        harness.get("/a")
        harness.proxy.restartDraws()
        harness.get("/a", "/a")
        #expect(
            names(harness)
                == ["m", "", "latency_downstream", "m latency_downstream", "latency_downstream"])
    }

    @Test func `a connection is counted once, however often the plan changes`() throws {
        let counted = try toxic("m", "1...2", .match)
        let harness = try RelayHarness(.tcp, [counted])
        let proxy = harness.proxy
        func draw(_ number: UInt32) -> [String] {
            let ordinal = UInt64(number)
            let drawn = proxy.drawConnection(
                ordinal: ordinal, from: nil, number: number, inFlight: 1)
            return drawn.map(\.toxic.name)
        }
        #expect(draw(2) == ["m"] && draw(3).isEmpty && draw(2) == ["m"])
        proxy.set(toxics: [counted, try toxic("late", "1...", .match)])
        #expect(draw(2) == ["m", "late"] && draw(3) == ["late"] && draw(4) == ["late"])
        #expect(draw(harness.session.number) == ["m", "late"])
    }

    @Test func `beyond the limit clients are drawn as the first, and that is told once`() throws {
        let harness = SessionHarness([try toxic("c", "1", .client)])
        let toxic = harness.proxy.toxics[0]
        for subject in 1...UInt64(MatchCounter.maximumSubjects) {
            _ = harness.proxy.matches.next(for: toxic, subject)
        }
        harness.get("/a", "/a")
        #expect(names(harness) == ["c", "c"])
        #expect(harness.warnings.count == 1)
        #expect(harness.warnings[0].contains("more than 65536 different clients and values"))
    }
}
