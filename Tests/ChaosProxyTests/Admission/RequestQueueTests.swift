import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// `--over-limit queue`: requests wait for their place, in the order of their coming. Before a
/// site, and before a backend.
struct RequestQueueTests {
    static let kinds: [ProxyProtocol?] = [nil, .http]

    /// Clients that wait a second for each answer.
    private func crowd(_ maximum: Int, _ kind: ProxyProtocol?) throws -> Crowd {
        try Crowd([.latency(.second)], .concurrency(maximum, .queue), before: kind)
    }

    /// Goes on, with answers of the backend, if there is one.
    private func advance(_ crowd: Crowd, to nanoseconds: UInt64) {
        crowd.answerAll()
        crowd.advance(to: nanoseconds)
        crowd.answerAll()
    }

    @Test(arguments: kinds)
    func `who waits is served in the order of coming, over all connections`(
        kind: ProxyProtocol?
    ) throws {
        let crowd = try crowd(2, kind)
        let clients = (0..<7).map { _ in crowd.connect() }
        for (index, client) in clients.enumerated() { crowd.get(client, "/\(index)") }
        #expect(crowd.proxy.queuedCount == 5)
        #expect(clients.map(\.isQueued) == [false, false, true, true, true, true, true])
        for second in UInt64(1)...4 {
            advance(crowd, to: second * .second)
            #expect(crowd.records.count == min(Int(second) * 2, 7))
            #expect(crowd.proxy.counters.inFlight <= 2)
        }
        #expect(crowd.records.map(\.target) == (0..<7).map { "/\($0)" })
        #expect(crowd.records.allSatisfy { $0.refusal == nil && $0.status == 200 })
        #expect(crowd.records.map { $0.duration / .second } == [1, 1, 2, 2, 3, 3, 4])
        #expect(crowd.records.map(\.actualDelay) == Array(repeating: .second, count: 7))
        #expect(crowd.proxy.counters.peak == 2 && crowd.proxy.counters.requests == 7)
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `pipelined requests wait one after the other`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        let client = crowd.connect()
        crowd.get(client, "/a", "/b", "/c")
        #expect(crowd.proxy.queuedCount == 1)
        for second in UInt64(1)...3 {
            advance(crowd, to: second * .second)
            #expect(try client.answers().count == 1)
        }
        #expect(crowd.records.map(\.target) == ["/a", "/b", "/c"])
        #expect(crowd.proxy.counters.peak == 1)
        crowd.get(client, "/d")
        advance(crowd, to: 4 * .second)
        #expect(try client.answers().count == 1)
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `a request waits with its body`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a")
        crowd.send(
            second,
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                + RelayHarness.request("/c"))
        #expect(second.isQueued)
        for second in UInt64(1)...3 { advance(crowd, to: second * .second) }
        #expect(try second.answers().map(\.status) == [200, 200])
        #expect(crowd.records.map(\.target) == ["/a", "/b", "/c"])
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `after 30 seconds it is refused, and not earlier`(kind: ProxyProtocol?) throws {
        let crowd = try Crowd(
            [.latency(1000 * .second)], .concurrency(1, .queue), before: kind)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a")
        crowd.get(second, "/b", "/c")
        crowd.tick(30)
        #expect(second.stream.output.isEmpty && second.isQueued)
        crowd.tick(1)
        let answers = try second.answers()
        #expect(answers.map(\.status) == [503])
        #expect(answers.first?["Server-Timing"] == #"refused;desc="max-concurrency""#)
        #expect(crowd.records.map(\.refusal) == [.maxConcurrency])
        #expect(crowd.records.map(\.target) == ["/b"])
        #expect(crowd.records.map { $0.duration / .second } == [31])
        #expect(crowd.records.map(\.actualDelay) == [0])
        #expect(second.isQueued, "the next one waits now")
        crowd.tick(31)
        #expect(try second.answers().map(\.status) == [503])
        #expect(crowd.proxy.queuedCount == 0 && second.isOpen)
        #expect(crowd.proxy.counters.refused == 2 && crowd.proxy.counters.requests == 3)
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `a thousand may wait, and one more is refused`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        crowd.connect(1002, asking: "/a")
        crowd.settle()
        #expect(crowd.proxy.queuedCount == 1000)
        #expect(crowd.records.map(\.refusal) == [.maxConcurrency])
        #expect(try crowd.clients[1001].answers().map(\.status) == [503])
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `a raised limit lets in as many as it has room for`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        for index in 0..<6 { crowd.get(crowd.connect(), "/\(index)") }
        crowd.proxy.set(limits: .concurrency(3, .queue))
        crowd.settle()
        #expect(crowd.proxy.counters.inFlight == 3 && crowd.proxy.queuedCount == 3)
        crowd.proxy.set(limits: RequestLimits())
        crowd.settle()
        #expect(crowd.proxy.counters.inFlight == 6 && crowd.proxy.queuedCount == 0)
        advance(crowd, to: .second)
        #expect(crowd.records.map(\.target) == (0..<6).map { "/\($0)" })
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `who waits stays when nobody else may`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        for index in 0..<3 { crowd.get(crowd.connect(), "/\(index)") }
        crowd.proxy.set(limits: .concurrency(1))
        crowd.get(crowd.connect(), "/3")
        for second in UInt64(1)...3 { advance(crowd, to: second * .second) }
        #expect(crowd.records.map(\.target) == ["/3", "/0", "/1", "/2"])
        #expect(crowd.records.map { $0.refusal == nil } == [false, true, true, true])
        crowd.expectNothingLeft()
    }

    // MARK: Who leaves

    @Test(arguments: kinds, [true, nil] as [Bool?])
    func `who resets or is gone leaves the queue and has a record`(
        kind: ProxyProtocol?, isReset: Bool?
    ) throws {
        let crowd = try crowd(1, kind)
        let clients = (0..<4).map { _ in crowd.connect() }
        for (index, client) in clients.enumerated() { crowd.get(client, "/\(index)") }
        isReset == true ? crowd.reset(clients[1]) : crowd.end(clients[1], isGone: true)
        #expect(crowd.proxy.queuedCount == 2)
        let record = try #require(crowd.records.first)
        #expect(record.target == "/1" && record.refusal == nil && record.hasGivenUp)
        #expect(record.status == nil && record.bytesSent == 0 && record.attempt == nil)
        #expect(record.ending == (isReset == true ? .clientRST : .clientFin))
        #expect(!record.isUnplanned)
        for second in UInt64(1)...3 { advance(crowd, to: second * .second) }
        #expect(crowd.records.map(\.target) == ["/1", "/0", "/2", "/3"])
        #expect(crowd.proxy.counters.requests == 4 && crowd.proxy.counters.refused == 0)
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds, [false, nil] as [Bool?])
    func `who has closed one direction, or may have, is served`(
        kind: ProxyProtocol?, isGone: Bool?
    ) throws {
        let crowd = try crowd(1, kind)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.get(first, "/a")
        crowd.get(second, "/b")
        crowd.end(second, isGone: isGone)
        #expect(crowd.proxy.queuedCount == 1 && crowd.records.isEmpty)
        for second in UInt64(1)...3 { advance(crowd, to: second * .second) }
        #expect(try second.answers().map(\.status) == [200])
        #expect(crowd.records.map(\.target) == ["/a", "/b"])
        crowd.backends.forEach { $0.peerEnds() }
        crowd.settle()
        #expect(!second.isOpen)
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `a place given to one who has gone goes to the next`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        let clients = (0..<3).map { _ in crowd.connect() }
        for (index, client) in clients.enumerated() { crowd.get(client, "/\(index)") }
        // The place comes free, and before the one that has it next can take it, it goes.
        clients[0].stream.peerResets()
        _ = clients[0].stream.deliver()
        clients[1].stream.peerResets()
        while clients[1].stream.deliver() {}
        crowd.settle()
        #expect(crowd.proxy.counters.inFlight == 1)
        #expect(crowd.proxy.queuedCount == 0 && crowd.proxy.queue.granted == 0)
        advance(crowd, to: .second)
        #expect(crowd.records.map(\.target).sorted() == ["/0", "/1", "/2"])
        #expect(crowd.records.last?.status == 200)
        crowd.expectNothingLeft()
    }

    @Test(arguments: kinds)
    func `a connection that ends takes along what waits on it`(kind: ProxyProtocol?) throws {
        let crowd = try crowd(1, kind)
        let clients = (0..<3).map { _ in crowd.connect() }
        for client in clients { crowd.get(client, "/a", "/b") }
        for client in clients { crowd.reset(client) }
        #expect(crowd.proxy.counters.inFlight == 0 && crowd.proxy.queuedCount == 0)
        crowd.expectNothingLeft()
    }
}
