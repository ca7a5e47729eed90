import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// Scripts before a site.
struct SiteScriptTests {
    private func harness(_ steps: String, _ others: Toxic...) throws -> SessionHarness {
        SessionHarness([try .script(steps)] + others)
    }

    /// What the client has been sent, without the head.
    private func body(_ harness: SessionHarness) -> String {
        let text = harness.stream.take()
        return text.ranges(of: "\r\n\r\n").first.map { String(text[$0.upperBound...]) } ?? text
    }

    @Test func `an answer that nothing is done to is the honest one`() throws {
        let harness = try harness("head\nbody")
        let honest = SessionHarness()
        for client in [harness, honest] { client.get("/a", "/parts") }
        #expect(harness.stream.take() == honest.stream.take())
        #expect(harness.records.map(\.ending) == [.keep, .keep])
        #expect(harness.records.map(\.status) == [200, 200])
        #expect(harness.records.map(\.bytesSent) == [2, 7])
        #expect(harness.records.map(\.bytesPromised) == [2, 7])
        #expect(harness.records.allSatisfy { $0.faults.map(\.hasActed) == [true] })
        #expect(harness.records.allSatisfy { !$0.isUnplanned && !$0.isMangled })
        #expect(harness.proxy.counters.injected == 2)
    }

    @Test func `a cut ends the connection behind what was sent`() throws {
        for (step, call) in [
            ("fin", FakeStream.Call.close(lingering: true)), ("rst", .resetInOrder),
        ] {
            let harness = try harness("head\nbody ..3B\n\(step)")
            harness.get("/parts", "/b")
            #expect(body(harness) == "one")
            #expect(harness.stream.endings == [call])
            _ = harness.stream.deliver()
            harness.session.closed(step == "fin" ? .fin : .rst)
            let record = try #require(harness.records.first)
            #expect(harness.records.count == 1)
            #expect(record.ending == (step == "fin" ? .fin : .rst))
            #expect((record.bytesPromised, record.bytesSent) == (7, 3))
            #expect(record.status == 200)
            #expect(!record.isUnplanned)
            #expect(harness.proxy.counters.drawn == 1)
            #expect(harness.proxy.counters.inFlight == 0)
        }
    }

    @Test func `an answer without a byte counts as an act of its script`() throws {
        let harness = try harness("fin")
        harness.get("/a")
        #expect(harness.stream.output.isEmpty)
        harness.session.closed(.fin)
        #expect(harness.records.map(\.ending) == [.fin])
        #expect(harness.records.map(\.status) == [nil])
        #expect(harness.records.first?.faults.map(\.hasActed) == [true])
        #expect(harness.records.map(\.isUnplanned) == [false])
        #expect(harness.proxy.counters.injected == 1)
    }

    @Test func `a wait delays what follows it, and nothing else`() throws {
        let harness = try harness("head\nwait 200ms\nbody")
        harness.get("/a")
        #expect(body(harness) == "")
        #expect(harness.stream.deadline == harness.start + 200_000_000)
        harness.advance(to: 199_999_999)
        #expect(harness.stream.output.isEmpty)
        harness.advance(to: 200_000_000)
        #expect(harness.stream.take() == "/a")
        let record = try #require(harness.records.first)
        #expect(record.actualDelay == 200_000_000)
        #expect(record.duration == 200_000_000)
        #expect(record.ending == .keep)
    }

    @Test func `waits that overlap with a latency count once`() throws {
        let harness = try harness("head\nwait 200ms\nbody", .latency(100_000_000))
        harness.get("/a")
        harness.advance(to: 300_000_000)
        #expect(body(harness) == "/a")
        #expect(harness.records.map(\.actualDelay) == [300_000_000])
    }

    @Test func `what follows a script on its connection waits for its end`() throws {
        let harness = try harness("head\nwait 1s\nbody")
        harness.get("/a", "/b")
        harness.send("GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(harness.proxy.counters.drawn == 1)
        harness.advance(to: 1_000_000_000)
        #expect(harness.proxy.counters.drawn == 2)
        harness.advance(to: 3_000_000_000)
        #expect(try harness.bodies() == ["/a", "/b", "/c"])
        #expect(harness.records.map(\.ending) == [.keep, .keep, .keep])
    }

    @Test func `HEAD gets the head alone`() throws {
        let harness = try harness("head\nbody")
        harness.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try harness.answers(heads: [0]).map(\.body) == [""])
        harness.get("/b")
        #expect(try harness.bodies() == ["/b"])
    }

    @Test func `the request decides whether the connection goes on`() throws {
        for request in [
            "GET /a HTTP/1.0\r\nHost: x\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ] {
            let harness = try harness("head\nbody")
            harness.send(request)
            let answers = try harness.answers()
            #expect(answers.map(\.body) == ["/a"])
            #expect(answers.first?["Connection"] == "close")
            #expect(!harness.stream.endings.isEmpty)
            #expect(harness.records.map(\.ending) == [.fin])
        }
    }

    @Test func `a script asks for what it wants to`() throws {
        let harness = SessionHarness(
            [try .script("ask drop X-One set \"X-Two: 2\"\nhead\nbody")],
            site: { request in
                let one = request.values(named: "x-one").count
                let two = request.values(named: "x-two").map { String(view: $0) }
                return .made(HTTPResponse(200, body: [Bytes("\(one) \(two)")]))
            })
        harness.send("GET /a HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nX-Two: 1\r\n\r\n")
        #expect(try harness.bodies() == [#"0 ["2"]"#])
    }

    @Test func `a status that a script says explains an error of the server`() throws {
        let harness = try harness("head 503\nbody")
        harness.get("/a")
        #expect(harness.records.map(\.status) == [503])
        #expect(harness.records.map(\.isUnplanned) == [false])
        let own = SessionHarness(
            [try .script("head\nbody")], site: { _ in .made(HTTPResponse(503, text: "busy")) })
        own.get("/a")
        #expect(own.records.map(\.status) == [503])
        #expect(own.records.map(\.isUnplanned) == [true])
    }

    @Test func `an answer too large passes unharmed and is told of`() throws {
        let large = Bytes([UInt8](repeating: 0x61, count: (8 << 20) + 1))
        let harness = SessionHarness(
            [try .script("head\nfin")], site: { _ in .made(HTTPResponse(200, body: [large])) })
        harness.get("/a")
        #expect(harness.stream.output.count > 8 << 20)
        #expect(harness.records.map(\.ending) == [.keep])
        #expect(harness.records.first?.faults.map(\.hasActed) == [false])
        #expect(harness.warnings.count == 1)
        #expect(harness.proxy.counters.injected == 0)
    }

    @Test func `what a script holds is given back`() throws {
        let harness = try harness("head\nsilence")
        harness.get("/large")
        #expect(harness.environment.held.count == 100_000)
        harness.session.closed(.peerReset)
        #expect(harness.environment.held.count == 0)
        #expect(harness.records.map(\.ending) == [.clientRST])
        #expect(harness.records.map(\.hasGivenUp) == [true])
        #expect(harness.records.map(\.isUnplanned) == [false])
    }

    // MARK: Flow

    @Test func `a flood stays within bounds before a client that does not read`() throws {
        let harness = try harness("repeat forever 1MiB 1m\nfill 1000 zero\ndone\nfin")
        harness.stream.queuedBytes = 0
        harness.get("/a")
        var total = 0
        for _ in 0..<10 where harness.stream.isOpen {
            total += harness.stream.output.count
            harness.stream.queuedBytes += harness.stream.output.count
            _ = harness.stream.take()
            harness.advance(to: harness.clock.now - harness.start)
        }
        #expect(total <= 2 * 65_536)
        harness.stream.stalledSince = harness.clock.now
        harness.tick(22)
        #expect(harness.stream.endings.last == .reset)
    }

    @Test func `others have their turn during a flood`() throws {
        let harness = try harness("repeat forever 1MiB 1m\nfill 1000 zero\ndone\nfin")
        harness.get("/a")
        #expect(harness.stream.output.count <= 65_536)
        #expect(harness.stream.deadline == harness.clock.now)
        harness.advance(to: 1)
        #expect(harness.stream.output.count == 1 << 20)
        #expect(harness.stream.endings == [.close(lingering: true)])
    }

    @Test func `a slicer behind a script slices it`() throws {
        let slicer = Toxic(
            .slicer(Slicer(averageSize: 10, sizeVariation: 0, delay: 0)), stream: .downstream)
        let harness = try harness("head\nbody", slicer)
        harness.get("/parts")
        harness.advance(to: 1_000_000_000)
        #expect(harness.stream.writes.allSatisfy { $0 <= 10 })
        #expect(try harness.bodies() == ["one two"])
    }

    // MARK: Ends

    @Test func `behind a half-close the client is heard until it ends`() throws {
        let harness = try harness("head\nbody\nhalf\nclose-wait 5s")
        harness.get("/a")
        #expect(harness.stream.endings == [.finish])
        #expect(harness.records.map(\.ending) == [.fin])
        #expect(harness.records.map(\.bytesSent) == [2])
        harness.get("/b")
        #expect(harness.proxy.counters.drawn == 1)
        harness.session.receivedEnd()
        #expect(harness.stream.endings == [.finish, .close(lingering: false)])
        harness.session.closed(.fin)
        #expect(harness.records.count == 1)
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `a client that does not end is left after its time`() throws {
        let harness = try harness("head\nbody\nhalf\nclose-wait 5s")
        harness.get("/a")
        harness.tick(90)
        #expect(harness.stream.endings == [.finish])
        harness.session.woke(at: harness.clock.now)
        #expect(harness.stream.endings == [.finish, .close(lingering: true)])
    }

    @Test func `silence outlives the idle limit and a half-closed client`() throws {
        let harness = try harness("silence")
        harness.get("/a")
        harness.tick(200)
        harness.session.receivedEnd()
        harness.tick(2)
        #expect(harness.stream.isOpen)
        #expect(harness.proxy.counters.inFlight == 1)
        harness.session.closed(.peerReset)
        #expect(harness.records.map(\.hasGivenUp) == [true])
        #expect(harness.records.first?.faults.map(\.hasActed) == [true])
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `a client that is gone ends a script`() throws {
        let harness = try harness("wait 10s\nhead\nbody")
        harness.get("/a")
        harness.stream.peerHasGone = true
        harness.session.receivedEnd()
        #expect(harness.records.map(\.ending) == [.clientFin])
        #expect(harness.records.map(\.hasGivenUp) == [true])
        #expect(harness.proxy.counters.inFlight == 0)
    }

    // MARK: The next request

    @Test func `a script answers the next request, too`() throws {
        let harness = try harness("head\nbody\nrequest\nhead 500\nbody\nfin")
        harness.get("/a")
        #expect(try harness.bodies() == ["/a"])
        #expect(harness.records.map(\.ending) == [.keep])
        harness.get("/a", "/c")
        let answers = try harness.answers()
        #expect(answers.map(\.status) == [500])
        harness.session.closed(.fin)
        #expect(harness.records.map(\.attempt) == [1, 2])
        #expect(harness.records.map(\.ending) == [.keep, .fin])
        #expect(
            harness.records.map { $0.faults.map(\.toxic.name) } == [
                ["script"], ["script"],
            ])
        #expect(harness.proxy.counters.drawn == 1)
        #expect(harness.proxy.counters.injected == 2)
    }

    @Test func `the next request may lie there already`() throws {
        let harness = try harness("head\nbody\nrequest\nhead 201\nbody")
        harness.get("/a", "/b", "/c")
        #expect(try harness.answers().map(\.status) == [200, 201, 200])
        #expect(harness.records.map(\.attempt) == [1, 1, 1])
    }

    @Test func `who waits for a request is held to the idle limit`() throws {
        let harness = try harness("head\nbody\nrequest\nsilence")
        harness.get("/a")
        harness.tick(77)
        #expect(harness.stream.endings == [.close(lingering: false)])
    }

    @Test func `a script whose toxic is gone waits for no request`() throws {
        let harness = try harness("head\nbody\nrequest\nfin")
        harness.get("/a")
        harness.proxy.set(toxics: [])
        harness.session.planChanged()
        harness.get("/b")
        #expect(try harness.bodies() == ["/a", "/b"])
        #expect(harness.stream.isOpen)
    }

    // MARK: Changes

    @Test func `a script whose toxic is gone goes on without its waits`() throws {
        let harness = try harness("head\nwait 10s\nbody\npace 1B every 1s\nfill 5 zero")
        harness.get("/a")
        harness.advance(to: 1_000_000_000)
        harness.proxy.set(toxics: [])
        harness.session.planChanged()
        #expect(body(harness) == "/a\0\0\0\0\0")
        #expect(harness.records.map(\.actualDelay) == [1_000_000_000])
        #expect(harness.records.map(\.ending) == [.keep])
    }

    @Test func `silence without its toxic is the end`() throws {
        let harness = try harness("head\nsilence")
        harness.get("/a")
        harness.proxy.set(toxics: [])
        harness.session.planChanged()
        #expect(harness.stream.endings == [.close(lingering: true)])
    }

    @Test func `a script goes on while its proxy drains, and the connection ends with it`() throws {
        let harness = try harness("head\nwait 1s\nbody")
        harness.get("/a")
        harness.proxy.drain()
        harness.session.drain()
        #expect(harness.stream.isOpen)
        harness.advance(to: 1_000_000_000)
        #expect(body(harness) == "/a")
        #expect(!harness.stream.endings.isEmpty)
    }

    @Test func `closing a proxy ends its scripts`() throws {
        let harness = try harness("head\nwait 10s\nbody")
        harness.get("/a")
        harness.session.close()
        harness.session.closed(.fin)
        #expect(harness.records.map(\.ending) == [.fin])
        #expect(harness.environment.held.count == 0)
        #expect(harness.proxy.counters.inFlight == 0)
    }
}
