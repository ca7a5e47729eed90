import Faults
import Testing

@testable import ChaosProxy

/// http: how connections end.
struct RelayEndingTests {
    @Test func `a refusal resets a client that has asked`() throws {
        let harness = try RelayHarness(.http, isConnected: false)
        harness.get("/a", "/b")
        harness.refuse()
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.backendRefused, .backendRefused])
        #expect(harness.records.map(\.status) == [nil, nil])
        #expect(harness.proxy.counters.recorded.unplanned == 2)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test(arguments: [ProxyProtocol.http, .tcp])
    func `a backend that resets before it is seen has reset, not refused`(
        protocol: ProxyProtocol
    ) throws {
        let harness = try RelayHarness(`protocol`, isConnected: false)
        harness.get("/a")
        harness.resetAtOnce()
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.backendRST])
        #expect(harness.warnings == [])
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `a backend that closes without an answer ends the connection`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a", "/b")
        harness.answer("a")
        harness.backendEnds()
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.endings == [.keep, .backendFin])
        #expect(harness.proxy.counters.recorded.unplanned == 1)
        harness.expectNothingLeft()
    }

    @Test func `a backend that resets in a reply resets the client behind what came`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart")
        harness.backendResets()
        #expect(harness.toClient().hasSuffix("part"))
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.backendRST])
        #expect(harness.records.map(\.bytesSent) == [4])
        harness.expectNothingLeft()
    }

    @Test func `half of a reply's head is not swallowed`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.reply("HTTP/1.1 20")
        harness.backendEnds()
        #expect(harness.toClient() == "HTTP/1.1 20")
        #expect(harness.endings == [.backendFin])
        harness.expectNothingLeft()
    }

    @Test func `a FIN of ours is the end also if the backend resets behind it`() throws {
        let limit = Toxic(.limitData(LimitData(bytes: 2)), stream: .downstream)
        let harness = try RelayHarness(.tcp, [limit])
        (harness.client.closesLate, harness.backend.closesLate) = (true, true)
        harness.client.queuedBytes = 10
        harness.reply("abc")
        #expect(harness.client.endings == [.close(lingering: true)])
        harness.backendResets()
        #expect(harness.endings == [])
        harness.drain(harness.client)
        #expect(harness.endings == [.fin])
        #expect(harness.proxy.counters.inFlight == 0)
        harness.expectNothingLeft()
    }

    @Test func `an idle connection ends with the backend's`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.answer("a")
        harness.backendEnds()
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.isOver)
        #expect(harness.endings == [.keep])
        harness.expectNothingLeft()
    }

    @Test func `a client that ends behind its requests gets the replies`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a", "/b")
        harness.clientEnds()
        #expect(harness.backend.endings == [.finish])
        harness.answer("a", "b")
        harness.backendEnds()
        #expect(harness.toClient() == ["a", "b"].map(RelayHarness.answer).joined())
        #expect(harness.client.endings == [.closeWhenAcknowledged])
        #expect(harness.endings == [.keep, .fin])
        harness.expectNothingLeft()
    }

    @Test func `a client that ends without having asked is gone`() throws {
        let harness = try RelayHarness(.http, isConnected: false)
        harness.clientEnds()
        #expect(harness.isOver)
        #expect(harness.dialed.isEmpty)
        harness.expectNothingLeft()
    }

    @Test func `a client that ends in its first head is gone`() throws {
        let harness = try RelayHarness(.http, isConnected: false)
        harness.send("GET / HT")
        harness.clientEnds()
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `half of a later head goes on with its FIN`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.answer("a")
        _ = harness.toBackend()
        harness.send("GET / HT")
        harness.clientEnds()
        #expect(harness.toBackend() == "GET / HT")
        #expect(harness.backend.endings == [.finish])
        harness.backendEnds()
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `a client's FIN in a body goes on`() throws {
        let harness = try RelayHarness(.http)
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart")
        harness.clientEnds()
        #expect(harness.toBackend().hasSuffix("part"))
        #expect(harness.backend.endings == [.finish])
        harness.backendEnds()
        #expect(!harness.client.isOpen)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `a client's FIN in a body that a fault answers ends the session`() throws {
        let harness = try RelayHarness(.http, [.respond((503, 1))])
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart")
        harness.clientEnds()
        #expect(!harness.client.isOpen)
        #expect(harness.dialed.isEmpty)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `a client's reset is one for the backend`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.clientResets()
        #expect(harness.backend.endings == [.reset])
        #expect(harness.endings == [.clientRST])
        harness.expectNothingLeft()
    }

    @Test func `a drain waits for the replies that are owed`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        #expect(harness.session.isOwing)
        harness.session.drain()
        harness.settle()
        #expect(harness.client.isOpen)
        harness.answer("a")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `streams that close late get nothing more and are told of once`() throws {
        let harness = try RelayHarness(.http)
        harness.client.closesLate = true
        harness.backend.closesLate = true
        harness.get("/a", "/b")
        harness.reply("HTTP/1.0 200 OK\r\n\r\nall")
        harness.backendEnds()
        #expect(harness.toClient() == "HTTP/1.0 200 OK\r\n\r\nall")
        harness.set([.latency(.second)])
        harness.set([])
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(!harness.isOver)
        harness.client.peerIsGone()
        harness.settle()
        harness.backend.peerIsGone()
        harness.settle()
        #expect(harness.isOver)
        #expect(harness.endings == [.fin, .backendFin])
        harness.expectNothingLeft()
    }

    @Test func `a side that takes nothing does not keep an ended session`() throws {
        let harness = try RelayHarness(.tcp)
        harness.client.closesLate = true
        harness.session.close()
        harness.settle()
        harness.client.stalledSince = RelayHarness.start
        harness.session.checkTimeLimits(RelayHarness.start + 20 * .second)
        #expect(harness.client.isOpen)
        harness.session.checkTimeLimits(RelayHarness.start + 20 * .second + 1)
        harness.settle()
        #expect(harness.isOver)
        #expect(harness.client.endings.last == .reset)
        harness.expectNothingLeft()
    }
}
