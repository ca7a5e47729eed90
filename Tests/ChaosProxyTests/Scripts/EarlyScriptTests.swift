import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Scripts before a site that begin before a request is complete.
struct EarlyScriptTests {
    private func harness(_ steps: String, _ others: Toxic...) throws -> SessionHarness {
        SessionHarness([try .script(steps)] + others)
    }

    // MARK: Before the body

    private static let upload = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"

    @Test func `a script may answer before the body of a request has come`() throws {
        let harness = try harness("begin head\nhead 413\nbody")
        harness.send(Self.upload)
        #expect(try harness.answers().map(\.status) == [413])
        harness.send("bo")
        harness.send("dyGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try harness.answers().map(\.status) == [413])
        #expect(harness.records.map(\.attempt) == [1, 1])
        #expect(harness.records.map(\.ending) == [.keep, .keep])
        #expect(harness.proxy.counters.drawn == 2)
        #expect(harness.proxy.counters.requests == 2)
    }

    @Test func `a script that ends the connection hears no body`() throws {
        let harness = try harness("begin head\nhead 413\nfin")
        harness.send(Self.upload + "bo")
        #expect(harness.stream.endings == [.close(lingering: true)])
        harness.session.closed(.fin)
        #expect(harness.records.map(\.status) == [413])
        #expect(harness.records.map(\.ending) == [.fin])
    }

    @Test func `other requests with a body are drawn for once`() throws {
        var match = Match()
        match.path = "/x"
        let harness = SessionHarness(
            [try .script("begin head\nhead 413\nbody", match: match), .latency(1000)])
        harness.send(Self.upload)
        #expect(harness.stream.deadline == nil)
        harness.send("body")
        harness.advance(to: 1000)
        #expect(try harness.bodies() == ["/a"])
        #expect(harness.proxy.counters.drawn == 1)
        #expect(harness.records.map(\.attempt) == [1])
        #expect(harness.records.map(\.duration) == [1000])
    }

    @Test func `a body that does not come ends the connection`() throws {
        let harness = try harness("begin head\nhead 413\nbody")
        harness.send(Self.upload)
        harness.tick(33)
        #expect(harness.stream.endings == [.close(lingering: true)])
        #expect(harness.records.count == 1)
    }

    // MARK: Before the request

    @Test func `a script may speak before the first request, and answer it`() throws {
        let harness = try harness("begin accept\nsend \"hello\\n\"\nrequest\nsend \"no\\n\"\nfin")
        #expect(harness.session.getsIn())
        #expect(harness.stream.take() == "hello\n")
        #expect(harness.records.map(\.isConnection) == [true])
        #expect(harness.records.map(\.ending) == [.keep])
        harness.get("/a")
        #expect(harness.stream.take() == "no\n")
        harness.session.closed(.fin)
        #expect(harness.records.map(\.isConnection) == [true, false])
        #expect(harness.records.map(\.ending) == [.keep, .fin])
        #expect(harness.records.allSatisfy { $0.faults.map(\.hasActed) == [true] })
        #expect(harness.records.allSatisfy { !$0.isUnplanned })
        #expect(harness.proxy.counters.inFlight == 0)
        #expect(harness.proxy.counters.requests == 1)
    }

    @Test func `a request that comes before its step waits`() throws {
        let harness = try harness("begin accept\nwait 1s\nrequest\nhead\nbody")
        #expect(harness.session.getsIn())
        harness.get("/a", "/b")
        #expect(harness.stream.output.isEmpty)
        harness.advance(to: 1_000_000_000)
        #expect(try harness.bodies() == ["/a", "/b"])
        #expect(harness.records.map { $0.faults.count } == [1, 1, 0])
        #expect(harness.proxy.counters.drawn == 1)
    }

    @Test func `a greeting that ends leaves the connection as it is`() throws {
        let harness = try harness("begin accept\nsend \"x\"")
        #expect(harness.session.getsIn())
        harness.get("/a")
        #expect(harness.stream.take().hasPrefix("xHTTP/1.1 200 OK"))
        #expect(harness.stream.isOpen)
    }
}
