import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// `--max-concurrency-per-client`: how much each address may have under way.
struct ClientLimitTests {
    private func limits(
        _ perClient: Int, _ overLimit: RequestLimits.OverLimit? = nil, all: Int? = nil
    ) -> RequestLimits {
        var limits = RequestLimits()
        (limits.maxConcurrencyPerClient, limits.overLimit) = (perClient, overLimit)
        limits.maxConcurrency = all
        return limits
    }

    /// Clients that wait a second for each answer.
    private func crowd(_ limits: RequestLimits, _ kind: ProxyProtocol? = nil) throws -> Crowd {
        try Crowd([.latency(.second)], limits, before: kind)
    }

    private func advance(_ crowd: Crowd, to nanoseconds: UInt64) {
        crowd.answerAll()
        crowd.advance(to: nanoseconds)
        crowd.answerAll()
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `each address has its own places, over all its connections`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(limits(2, .respond(429)), kind)
        let one = (0..<3).map { _ in crowd.connect(from: "127.0.0.1") }
        let other = crowd.connect(from: "127.0.0.2")
        for (index, client) in (one + [other]).enumerated() { crowd.get(client, "/\(index)") }
        advance(crowd, to: .second)
        #expect(try one[2].answers().map(\.status) == [429])
        #expect(try other.answers().map(\.status) == [200])
        #expect(crowd.records.filter { $0.refusal != nil }.map(\.target) == ["/2"])
        #expect(crowd.records.compactMap(\.refusal) == [.maxConcurrencyPerClient])
        #expect(
            ExchangeRecord.Refusal.maxConcurrencyPerClient.rawValue == "max-concurrency-per-client")
        #expect(crowd.proxy.counters.peak == 3)
        crowd.get(one[2], "/again")
        advance(crowd, to: 2 * .second)
        #expect(try one[2].answers().map(\.status) == [200])
        crowd.expectNothingLeft()
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `nobody waits behind another client that has as much as it may`(
        kind: ProxyProtocol?
    ) throws {
        let crowd = try crowd(limits(1, .queue, all: 2), kind)
        let greedy = (0..<4).map { _ in crowd.connect(from: "127.0.0.1") }
        for client in greedy { crowd.get(client, "/greedy") }
        #expect(greedy.map(\.isQueued) == [false, true, true, true])
        let modest = crowd.connect(from: "127.0.0.2")
        crowd.get(modest, "/modest")
        #expect(!modest.isQueued)
        let third = crowd.connect(from: "127.0.0.3")
        crowd.get(third, "/third")
        #expect(third.isQueued, "over the limit of all")
        advance(crowd, to: .second)
        #expect(crowd.proxy.counters.inFlight == 2)
        #expect(!third.isQueued)
        for second in UInt64(2)...6 { advance(crowd, to: second * .second) }
        #expect(crowd.records.allSatisfy { $0.status == 200 })
        #expect(crowd.records.count == 6)
        #expect(crowd.proxy.counters.peak == 2)
        #expect(crowd.proxy.clients.map(\.peak) == [1, 1, 1])
        crowd.expectNothingLeft()
    }

    @Test func `who waited too long is told which limit it was`() throws {
        let crowd = try Crowd([.latency(60 * .second)], limits(1, .queue))
        let clients = (0..<2).map { _ in crowd.connect() }
        for client in clients { crowd.get(client, "/") }
        crowd.tick(31)
        #expect(crowd.records.map(\.refusal) == [.maxConcurrencyPerClient])
    }

    @Test func `a limit that is taken away lets all in`() throws {
        let crowd = try crowd(limits(1, .queue))
        let clients = (0..<3).map { _ in crowd.connect() }
        for client in clients { crowd.get(client, "/") }
        #expect(crowd.proxy.queuedCount == 2)
        crowd.proxy.set(limits: RequestLimits())
        #expect(crowd.proxy.queuedCount == 0)
        crowd.advance(to: 2 * .second)
        #expect(crowd.records.count == 3)
        crowd.expectNothingLeft()
    }
}
