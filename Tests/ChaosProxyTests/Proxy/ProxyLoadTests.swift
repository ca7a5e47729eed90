import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What a proxy does with all that it has under way: delays by load, and one bandwidth for all.
struct ProxyLoadTests {
    private let second: UInt64 = 1_000_000_000

    private static func toxic(_ words: [(String, String)]) throws -> Toxic {
        try ToxicReading(words.map { ToxicField($0.0, .text($0.1)) }, as: .words).toxic()
    }

    /// Several connections to one proxy, each with its stream.
    private final class Crowd {
        let harness: SessionHarness
        var streams: [FakeStream]
        var sessions: [SiteSession<FakeStream>]

        init(_ count: Int, _ toxics: [Toxic]) {
            harness = SessionHarness(toxics)
            (streams, sessions) = ([harness.stream], [harness.session])
            for _ in 1..<count {
                let (stream, session) = SessionHarness.connect(to: harness.proxy)
                streams.append(stream)
                sessions.append(session)
            }
        }

        func get(_ index: Int, _ target: String) {
            let request = Array("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            request.withUnsafeBytes { sessions[index].received($0) }
        }

        /// Wakes each session at its deadlines, in the order of these.
        func advance(to nanoseconds: UInt64) {
            let end = harness.start + nanoseconds
            while true {
                let due = streams.indices.filter { streams[$0].deadline ?? .max <= end }
                    .min { streams[$0].deadline ?? 0 < streams[$1].deadline ?? 0 }
                guard let due, let deadline = streams[due].deadline else { break }
                streams[due].deadline = nil
                harness.clock.now = max(harness.clock.now, deadline)
                sessions[due].woke(at: deadline)
            }
            harness.clock.now = end
        }
    }

    // MARK: Delays by load

    @Test func `each request waits longer by all that are under way when it begins`() throws {
        let toxic = try Self.toxic([
            ("type", "latency"), ("latency", "20ms"), ("per_in_flight", "10ms"),
        ])
        let crowd = Crowd(4, [toxic])
        for index in 0..<4 { crowd.get(index, "/a") }
        crowd.advance(to: second)
        let records = crowd.harness.records
        #expect(records.map(\.inFlight) == [1, 2, 3, 4])
        #expect(records.map(\.plannedDelay) == [30, 40, 50, 60].map { $0 * 1_000_000 })
        #expect(records.map(\.actualDelay) == records.map(\.plannedDelay))
        // Nobody is there any more.
        crowd.get(0, "/a")
        crowd.advance(to: 2 * second)
        #expect(crowd.harness.records.last?.plannedDelay == 30_000_000)
    }

    @Test func `on tcp the load is that of the begin, whatever changes later`() throws {
        let slow = try Self.toxic([("type", "latency"), ("per_in_flight", "10ms")])
        let harness = try RelayHarness(.tcp, [slow])
        harness.reply("1")
        harness.advance(to: 9_999_999)
        #expect(harness.toClient() == "")
        harness.advance(to: 10_000_000)
        #expect(harness.toClient() == "1")
        harness.set([
            try Self.toxic([("type", "latency"), ("latency", "5ms"), ("per_in_flight", "20ms")])
        ])
        harness.reply("2")
        harness.advance(to: 34_999_999)
        #expect(harness.toClient() == "")
        harness.advance(to: 35_000_000)
        #expect(harness.toClient() == "2")
        harness.expectNothingLeft()
    }

    // MARK: One bandwidth for all

    @Test func `connections of a server share a bandwidth fairly, request by request`() throws {
        let toxic = try Self.toxic([("type", "bandwidth"), ("rate", "100kB/s"), ("shared", "1")])
        let crowd = Crowd(3, [toxic])
        for index in 0..<3 { crowd.get(index, "/large") }
        crowd.advance(to: second)
        // 100 000 bytes in all, to each a third.
        let counts = crowd.streams.map { $0.output.count }
        #expect((99_000...100_000).contains(counts.reduce(0, +)))
        #expect(counts.allSatisfy { (32_000...34_500).contains($0) })
        crowd.advance(to: 4 * second)
        let bodies = try crowd.streams.map {
            try ParsedAnswer.all($0.take()).map(\.body.utf8.count)
        }
        #expect(bodies == [[100_000], [100_000], [100_000]])
    }

    @Test func `without shared each has it for itself`() throws {
        let toxic = try Self.toxic([("type", "bandwidth"), ("rate", "100kB/s")])
        let crowd = Crowd(3, [toxic])
        for index in 0..<3 { crowd.get(index, "/large") }
        crowd.advance(to: second)
        #expect(crowd.streams.allSatisfy { (90_000...100_000).contains($0.output.count) })
    }

    @Test func `a removed one lets everything go`() throws {
        let toxic = try Self.toxic([("type", "bandwidth"), ("rate", "1kB/s"), ("shared", "1")])
        let crowd = Crowd(2, [toxic])
        for index in 0..<2 { crowd.get(index, "/large") }
        crowd.advance(to: second)
        crowd.harness.proxy.set(toxics: [])
        for session in crowd.sessions { session.planChanged() }
        crowd.advance(to: second)
        for stream in crowd.streams {
            #expect(try ParsedAnswer.all(stream.take()).map(\.body.utf8.count) == [100_000])
        }
    }
}
