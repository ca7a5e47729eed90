import EventLoop
import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Back-pressure, half-close, drain and loss.
struct SessionFlowTests {
    private func requests(_ targets: [String]) -> String {
        targets.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
    }

    // MARK: Back-pressure

    @Test func `a client that does not read is not read from`() throws {
        let client = SessionHarness()
        client.stream.queuedBytes = 256 << 10
        client.get("/a", "/b")
        #expect(client.stream.output.isEmpty)
        #expect(client.stream.calls == [.pause])
        client.stream.queuedBytes = 0
        client.session.drained()
        #expect(try client.bodies() == ["/a", "/b"])
        #expect(client.stream.endings == [.pause, .resume])
    }

    @Test func `one byte below the mark is still read`() throws {
        let client = SessionHarness()
        client.stream.queuedBytes = (256 << 10) - 1
        client.get("/a")
        #expect(try client.bodies() == ["/a"])
        #expect(client.stream.endings == [])
    }

    @Test func `a request that is cut off by the mark is put together again`() throws {
        let client = SessionHarness()
        client.send("GET /a HT")
        client.stream.queuedBytes = 1 << 20
        client.send("TP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHo")
        #expect(client.stream.output.isEmpty)
        client.stream.queuedBytes = 0
        client.session.drained()
        #expect(try client.bodies() == ["/a"])
        client.send("st: x\r\n\r\n")
        #expect(try client.bodies() == ["/b"])
    }

    @Test func `a body that is cut off by the mark goes on where it stopped`() throws {
        let client = SessionHarness()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        client.stream.queuedBytes = 1 << 20
        client.send("cdeGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        client.stream.queuedBytes = 0
        client.session.drained()
        #expect(try client.bodies() == ["/a", "/b"])
        #expect(client.stream.isReading)
    }

    @Test func `drained without a pause changes nothing`() throws {
        let client = SessionHarness()
        client.get("/a")
        client.session.drained()
        #expect(try client.bodies() == ["/a"])
        #expect(client.stream.endings == [])
    }

    @Test func `at most 64 requests wait on one connection`() throws {
        let client = SessionHarness([.latency(1000)])
        let targets = (0..<150).map { "/\($0)" }
        client.send(requests(targets))
        #expect(client.proxy.counters.requests == 64)
        #expect(client.stream.endings == [.pause])
        client.advance(to: 1000)
        #expect(try client.bodies() == Array(targets[..<64]))
        // The next ones begin when they are read.
        #expect(client.proxy.counters.requests == 128)
        client.advance(to: 2000)
        client.advance(to: 3000)
        #expect(try client.bodies() == Array(targets[64...]))
        #expect(client.stream.isReading)
        #expect(client.proxy.counters.inFlight == 0)
        #expect(client.proxy.counters.peak == 64)
    }

    @Test func `exactly 64 requests do not pause the client`() {
        let client = SessionHarness([.latency(1000)])
        client.send(requests((0..<64).map { "/\($0)" }))
        #expect(client.stream.endings == [])
        client.get("/one-more")
        #expect(client.stream.endings == [.pause])
    }

    @Test func `pipelined answers are gathered`() throws {
        let client = SessionHarness()
        client.send(requests(["/a", "/b", "/c"]))
        #expect(client.stream.calls == [.cork, .uncork])
        #expect(client.stream.writes.count == 3)
    }

    // MARK: From a memory file

    @Test func `what sendfile does not take at once follows byte for byte`() throws {
        let body = String(repeating: "0123456789", count: 1000)
        let file = try MemoryFile()
        let response = PreparedResponse(200, fields: [], body: Bytes(body))
        response.place(in: file.descriptor, at: Int64(MemoryFile.pageSize), owner: file)
        for limit in [0, 1, 50, 100, 5000, response.count - 1, response.count] {
            let client = SessionHarness(site: { _ in .prepared(response) })
            client.stream.sendLimit = limit
            client.get("/a")
            client.get("/a")
            #expect(try client.bodies() == [body, body], "after \(limit)")
        }
    }

    // MARK: Half-close

    @Test func `a client that ends its side still gets the answers that wait`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a", "/b")
        client.session.receivedEnd()
        #expect(client.stream.isOpen)
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/a", "/b"])
        #expect(client.stream.endings == [.closeWhenAcknowledged])
    }

    @Test func `a client that ends its side while nothing waits is closed`() {
        let client = SessionHarness()
        client.get("/a")
        client.session.receivedEnd()
        #expect(client.stream.endings == [.close(lingering: false)])
    }

    @Test func `a request that is cut off by the end of the client is no request`() throws {
        for part in [
            "GET /a HTTP/1.1\r\n", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
        ] {
            let client = SessionHarness()
            client.send(part)
            client.session.receivedEnd()
            #expect(client.stream.output.isEmpty && !client.stream.isOpen)
            #expect(client.proxy.counters.requests == 0)
        }
    }

    @Test func `what was sent before the end is served, however much waits`() throws {
        let client = SessionHarness([.latency(1000)])
        let targets = (0..<150).map { "/\($0)" }
        client.send(requests(targets))
        client.session.receivedEnd()
        for time in [1000, 2000, 3000] as [UInt64] where client.stream.isOpen {
            client.advance(to: time)
        }
        #expect(try client.bodies() == targets)
        #expect(client.stream.endings.last == .closeWhenAcknowledged)
    }

    @Test func `what was sent before the end is served when the client reads again`() throws {
        let client = SessionHarness()
        client.stream.queuedBytes = 1 << 20
        client.get("/a", "/b")
        client.session.receivedEnd()
        #expect(client.stream.isOpen)
        client.stream.queuedBytes = 0
        client.session.drained()
        #expect(try client.bodies() == ["/a", "/b"])
        #expect(!client.stream.isOpen)
    }

    // MARK: Drain and loss

    @Test func `a drained session delivers what it owes and refuses more`() throws {
        let client = SessionHarness([.latency(1000)])
        client.get("/a", "/b")
        client.proxy.drain()
        client.session.drain()
        client.get("/c")
        #expect(client.stream.isOpen)
        client.advance(to: 1000)
        #expect(try client.bodies() == ["/a", "/b"])
        #expect(client.stream.endings == [.close(lingering: true)])
        #expect(client.proxy.counters.requests == 2)
    }

    @Test func `a drained session that owes nothing ends at once`() {
        let client = SessionHarness()
        client.get("/a")
        client.proxy.drain()
        client.session.drain()
        #expect(client.stream.endings == [.close(lingering: false)])
    }

    @Test func `answers that can no longer be delivered are counted and not in flight`() {
        let client = SessionHarness([.latency(1000)])
        client.get("/a", "/b", "/c")
        #expect(client.proxy.counters.inFlight == 3)
        client.session.closed(.peerReset)
        #expect(client.proxy.counters.inFlight == 0)
        #expect(client.records.map(\.ending) == [.clientRST, .clientRST, .clientRST])
        #expect(client.records.allSatisfy { $0.status == nil && $0.bytesSent == 0 })
        // The delay explains that the client did not wait.
        #expect(client.proxy.counters.recorded.unplanned == 0)
    }

    @Test func `a large answer that is not taken without a fault is an unplanned error`() {
        let client = SessionHarness()
        client.stream.queuedBytes = 1000
        client.get("/large")
        client.session.lost(1000, untaken: 1000)
        client.session.closed(.peerReset)
        #expect(client.proxy.counters.inFlight == 0)
        #expect(client.proxy.counters.recorded.unplanned == 1)
        #expect(client.records.map(\.status) == [200])
        #expect(client.records.map(\.bytesPromised) == [100_000])
        #expect(client.records.map(\.bytesSent) == [99_000])
    }

    @Test func `a closed session with nothing to deliver has failed nothing`() {
        let client = SessionHarness()
        client.get("/a")
        client.session.closed(.peerReset)
        #expect(client.proxy.counters.recorded.unplanned == 0)
        #expect(client.proxy.counters.requests == 1)
    }
}
