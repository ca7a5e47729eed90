import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// What becomes of requests that wait while other things end.
struct RequestQueueEndTests {
    /// Clients that wait a second for each answer.
    private func crowd(_ maximum: Int, _ kind: ProxyProtocol?) throws -> Crowd {
        try Crowd([.latency(.second)], .concurrency(maximum, .queue), before: kind)
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `draining refuses what waits, behind the answers owed`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(2, kind)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a", "/b", "/c")
        crowd.get(second, "/d")
        #expect(crowd.proxy.queuedCount == 2)
        crowd.proxy.drain()
        for client in crowd.clients { client.session.drain() }
        crowd.settle()
        #expect(crowd.proxy.queuedCount == 0)
        #expect(try second.answers().map(\.status) == [503])
        #expect(!second.isOpen)
        crowd.answerAll()
        crowd.advance(to: .second)
        #expect(try first.answers().map(\.status) == [200, 200, 503])
        #expect(!first.isOpen)
        #expect(crowd.records.map(\.target).sorted() == ["/a", "/b", "/c", "/d"])
        #expect(crowd.proxy.counters.recorded.refusals == [.maxConcurrency: 2])
        crowd.expectNothingLeft()
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `closing all connections leaves nobody waiting`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        for index in 0..<4 { crowd.get(crowd.connect(), "/\(index)") }
        for client in crowd.clients { client.stream.closesLate = true }
        for client in crowd.clients { client.session.close() }
        crowd.settle()
        crowd.advance(to: 2 * .second)
        #expect(crowd.clients.allSatisfy { $0.stream.lostBytes == 0 })
        for client in crowd.clients { client.stream.peerIsGone() }
        crowd.settle()
        #expect(crowd.records.map(\.target).sorted() == ["/0", "/1", "/2", "/3"])
        #expect(crowd.records.map(\.status) == [nil, nil, nil, nil])
        crowd.expectNothingLeft()
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `resetting all connections leaves nobody waiting`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        for index in 0..<4 { crowd.get(crowd.connect(), "/\(index)") }
        for client in crowd.clients { client.session.reset() }
        crowd.settle()
        #expect(crowd.records.map(\.target).sorted() == ["/0", "/1", "/2", "/3"])
        #expect(crowd.records.allSatisfy { $0.ending == .rst && $0.status == nil })
        #expect(crowd.proxy.counters.inFlight == 0 && crowd.proxy.queuedCount == 0)
        crowd.expectNothingLeft()
    }

    @Test func `a place is taken as soon as there is room for the answer`() throws {
        let crowd = try crowd(2, nil)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a")
        crowd.get(second, "/b")
        crowd.get(first, "/c")
        #expect(first.isQueued)
        // The client does not take its first answer: no further one is made.
        first.stream.queuedBytes = 1 << 20
        crowd.advance(to: .second)
        #expect(crowd.proxy.queue.granted == 1)
        #expect(first.stream.deadline == nil, "nothing has to be done now")
        first.stream.queuedBytes = 0
        first.session.drained()
        crowd.settle()
        #expect(crowd.proxy.queue.granted == 0 && crowd.proxy.counters.inFlight == 1)
        crowd.advance(to: 2 * .second)
        #expect(crowd.records.map(\.target) == ["/b", "/a", "/c"])
        crowd.expectNothingLeft()
    }

    @Test(arguments: RequestQueueTests.kinds)
    func `a place is taken at once, whatever else the connection waits for`(
        kind: ProxyProtocol?
    ) throws {
        var match = Match()
        match.path = "/slow"
        let slow = Toxic(
            .latency(Latency(latency: 100 * .second, jitter: 0)), stream: .downstream, match: match)
        let crowd = try Crowd([slow], .concurrency(2, .queue), before: kind)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/slow")
        crowd.get(second, "/slow")
        crowd.get(first, "/a")
        #expect(first.isQueued)
        // The place comes, and before it can be taken something else happens to the connection.
        second.stream.peerResets()
        while second.stream.deliver() {}
        #expect(crowd.proxy.queue.granted == 1)
        first.stream.queuedBytes == 0 ? first.session.drained() : ()
        crowd.settle()
        #expect(crowd.proxy.queue.granted == 0 && crowd.proxy.counters.inFlight == 2)
        crowd.expectNothingLeft()
    }

    @Test func `a request waits on though its connection's backend is given up`() throws {
        let crowd = try crowd(1, .http)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a")
        crowd.answerAll()
        crowd.advance(to: .second)
        crowd.get(second, "/b")
        crowd.get(first, "/c")
        #expect(first.isQueued)
        crowd.backends[0].peerSends(Array("nobody asked for this".utf8))
        crowd.settle()
        #expect(first.isQueued && !crowd.backends[0].isOpen)
        crowd.answerAll()
        crowd.advance(to: 2 * .second)
        #expect(!first.isQueued)
        crowd.answerAll()
        crowd.advance(to: 3 * .second)
        #expect(crowd.records.map(\.target) == ["/a", "/b", "/c"])
        crowd.expectNothingLeft()
    }

    @Test func `a thousand that wait for quick answers do not call each other`() throws {
        let crowd = try Crowd([], .concurrency(1, .queue))
        let first = crowd.connect()
        // Not taken by its client, and so under way while the others come.
        first.stream.queuedBytes = 1
        crowd.get(first, "/a")
        crowd.connect(1000, asking: "/a", "/b")
        #expect(crowd.proxy.queuedCount == 1000)
        first.stream.queuedBytes = 0
        first.session.drained()
        #expect(crowd.records.count == 1 && crowd.proxy.queue.granted == 1)
        crowd.clients[1].session.woke(at: crowd.clock.now)
        #expect(crowd.records.count <= 3, "the next one has its turn from the loop")
        crowd.settle()
        #expect(crowd.records.count == 2001)
        #expect(crowd.records.allSatisfy { $0.refusal == nil })
        #expect(crowd.proxy.counters.peak == 1)
        crowd.expectNothingLeft()
    }
}
