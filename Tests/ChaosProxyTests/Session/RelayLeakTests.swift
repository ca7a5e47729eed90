import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// Connections that end in an unusual order, or with the request that they carry: nothing of them
/// stays, and the record says how they ended.
struct RelayLeakTests {
    private static let upgrade =
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n"
    private static let switched =
        "HTTP/1.1 101 Switching\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n"

    // MARK: A backend that has closed and then resets

    /// The client may send for as long as it likes after the backend's FIN; the RST that it gets
    /// for this comes behind our own FIN.
    @Test(arguments: [.tcp, .http] as [ProxyProtocol], [true, false])
    func `a tunnel whose backend resets after its FIN is over`(
        protocol: ProxyProtocol, wantsRecords: Bool
    ) throws {
        let harness = try RelayHarness(`protocol`, wantsRecords: wantsRecords)
        if `protocol` == .http {
            harness.send(Self.upgrade)
            harness.reply(Self.switched)
        }
        harness.reply("bye")
        harness.backendEnds()
        #expect(harness.client.endings == [.finish])
        harness.send("more")
        #expect(harness.toBackend().hasSuffix("more"))
        harness.backendResets()
        harness.clientEnds()
        #expect(harness.isOver)
        #expect(harness.proxy.counters.inFlight == 0)
        #expect(harness.proxy.counters.connections == 0)
        #expect(harness.records.count == (wantsRecords ? 1 : 0))
        harness.expectNothingLeft()
    }

    // MARK: A client that has closed before its request has its place

    @Test func `what waited and turns out to be a tunnel has had its client's FIN`() throws {
        let crowd = try Crowd([], .concurrency(1, .queue), before: .redis)
        let (first, second) = (crowd.connect(), crowd.connect())
        crowd.send(first, "PING\r\n")
        crowd.send(second, "PING\r\n*1\r\n$-9\r\n")
        #expect(second.isQueued)
        crowd.end(second, isGone: false)
        crowd.backends[0].peerSends(Array("+OK\r\n".utf8))
        crowd.settle()
        let backend = try #require(crowd.backends.last)
        #expect(crowd.backends.count == 2 && !second.isQueued)
        #expect(backend.take() == "PING\r\n*1\r\n$-9\r\n")
        #expect(backend.endings == [.finish])
        backend.peerSends(Array("+OK\r\n".utf8))
        backend.peerEnds()
        crowd.settle()
        #expect(!second.isOpen && second.stream.text == "+OK\r\n")
        #expect(crowd.proxy.counters.inFlight == 0 && crowd.proxy.counters.connections == 1)
        crowd.send(first, "PING\r\n")
        #expect(!first.isQueued && crowd.backends[0].text.hasSuffix("PING\r\n"))
        crowd.expectNothingLeft()
    }

    // MARK: What records say

    @Test(arguments: ["", "Content-Length: 0\r\n"])
    func `nothing is promised of an upgraded connection`(field: String) throws {
        let harness = try RelayHarness(.http)
        harness.send(Self.upgrade)
        harness.reply("HTTP/1.1 101 S\r\n\(field)Upgrade: w\r\nConnection: upgrade\r\n\r\n")
        harness.reply("frames")
        harness.clientResets()
        #expect(harness.endings == [.upgraded])
        let record = try #require(harness.records.first)
        #expect(record.status == 101 && record.bytesSent == 6)
        #expect(record.bytesPromised == nil)
        harness.expectNothingLeft()
    }

    @Test(
        arguments: [
            ("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", .fin),
            ("GET /b HTTP/1.0\r\n\r\n", .fin),
            ("GET /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", .keep),
            ("GET /b HTTP/1.1\r\nHost: x\r\n\r\n", .keep),
        ] as [(String, ExchangeRecord.Ending)])
    func `the request that its client calls the last one ends with a FIN`(
        request: String, ending: ExchangeRecord.Ending
    ) throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.answer("a")
        harness.send(request)
        harness.answer("b")
        harness.backendEnds()
        #expect(harness.records.map(\.target) == ["/a", "/b"])
        #expect(harness.endings == [.keep, ending])
        #expect(harness.records.allSatisfy { $0.status == 200 && !$0.isUnplanned })
        #expect(harness.client.endings == [.close(lingering: true)])
        harness.expectNothingLeft()
    }
}
