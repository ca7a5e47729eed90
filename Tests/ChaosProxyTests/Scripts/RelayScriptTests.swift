import Faults
import TestSupport
import Testing

@testable import ChaosProxy

/// Scripts before a backend.
struct RelayScriptTests {
    private func harness(_ steps: String, _ others: Toxic...) throws -> RelayHarness {
        try RelayHarness(.http, [try .script(steps)] + others)
    }

    @Test func `a script that needs no answer does without the backend`() throws {
        let harness = try harness("send \"HTTP/1.1 204 No Content\\r\\n\\r\\n\"")
        harness.get("/a", "/b")
        #expect(harness.dialed.isEmpty)
        #expect(
            harness.toClient() == String(repeating: "HTTP/1.1 204 No Content\r\n\r\n", count: 2))
        #expect(harness.endings == [.keep, .keep])
        #expect(harness.proxy.counters.injected == 2)
        harness.expectNothingLeft()
    }

    @Test func `the reply is read whole before it is changed`() throws {
        let harness = try harness("head\nbody ..3B\nfin")
        harness.get("/a", "/b")
        #expect(harness.toBackend() == RelayHarness.request("/a"))
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        #expect(harness.toClient() == "")
        harness.reply("def")
        #expect(harness.toClient() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        #expect(harness.client.endings.contains(.close(lingering: true)))
        #expect(harness.endings == [.fin])
        let record = try #require(harness.records.first)
        #expect((record.status, record.bytesPromised, record.bytesSent) == (200, 6, 3))
        #expect(!record.isUnplanned)
        #expect(harness.proxy.counters.drawn == 1)
        harness.expectNothingLeft()
    }

    @Test func `a reply in chunks is told with its length`() throws {
        let harness = try harness("head\nbody")
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n")
        harness.reply("2\r\nde\r\n0\r\n\r\n")
        #expect(
            harness.toClient() == "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nabcde")
        #expect(harness.records.map(\.bytesSent) == [5])
        #expect(harness.records.map(\.isMangled) == [false])
        harness.get("/b")
        harness.answer("b")
        #expect(harness.toClient() == RelayHarness.answer("b"))
        harness.expectNothingLeft()
    }

    @Test func `a reply that ends with its connection is awaited`() throws {
        let harness = try harness("head\nbody")
        harness.get("/a")
        harness.reply("HTTP/1.0 200 OK\r\n\r\nab")
        harness.reply("cd")
        #expect(harness.toClient() == "")
        harness.backendEnds()
        #expect(harness.toClient() == "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nabcd")
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test func `a reply without a length has ten seconds`() throws {
        let harness = try harness("head\nfin")
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        harness.advance(to: 10 * .second - 1)
        #expect(harness.toClient() == "")
        harness.advance(to: 10 * .second)
        #expect(
            harness.toClient()
                == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        harness.reply("1\r\nd\r\n0\r\n\r\n")
        #expect(harness.toClient() == "1\r\nd\r\n0\r\n\r\n")
        #expect(harness.endings == [.keep])
        #expect(harness.records.map(\.bytesSent) == [4])
        #expect(harness.records.first?.faults.map(\.hasActed) == [false])
        #expect(harness.warnings.count == 1)
        harness.expectNothingLeft()
    }

    @Test func `a reply that is too large passes unharmed`() throws {
        let harness = try harness("head\nfin")
        harness.get("/a")
        let count = (8 << 20) + 1
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\nabc")
        #expect(
            harness.toClient() == "HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\nabc")
        harness.reply([UInt8](repeating: 0x64, count: count - 3))
        #expect(harness.endings == [.keep])
        #expect(harness.records.map(\.bytesSent) == [count])
        #expect(harness.records.map(\.bytesPromised) == [count])
        #expect(harness.records.map(\.status) == [200])
        #expect(harness.warnings.count == 1)
        harness.expectNothingLeft()
    }

    @Test func `a reply that grows too large passes unharmed`() throws {
        let harness = try harness("head\nfin")
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\n\r\n")
        let part = [UInt8](repeating: 0x64, count: 1 << 20)
        for _ in 0..<9 { harness.reply(part) }
        harness.backendEnds()
        #expect(harness.toClient().utf8.count == 19 + 9 << 20)
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test func `a backend that fails is no fault of the script`() throws {
        let harness = try harness("head\nbody")
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        harness.backendEnds()
        #expect(harness.toClient() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        #expect(harness.records.map(\.isUnplanned) == [true])
        #expect(harness.records.first?.faults.map(\.hasActed) == [false])
        harness.expectNothingLeft()

        let reset = try self.harness("head\nbody")
        reset.get("/a")
        reset.reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        reset.backendResets()
        #expect(reset.toClient() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        #expect(reset.endings == [.backendRST])
        #expect(reset.records.map(\.isUnplanned) == [true])
        reset.expectNothingLeft()
    }

    @Test func `a backend that refuses is told of as always`() throws {
        let harness = try RelayHarness(.http, [try .script("head\nbody")], isConnected: false)
        harness.get("/a")
        harness.refuse()
        #expect(harness.endings == [.backendRefused])
        #expect(harness.records.first?.faults.map(\.hasActed) == [false])
        harness.expectNothingLeft()
    }

    @Test func `nonsense passes as it is`() throws {
        let harness = try harness("head\nbody")
        harness.get("/a")
        harness.reply("220 hello\r\n")
        #expect(harness.toClient() == "220 hello\r\n")
        harness.expectNothingLeft()
    }

    @Test func `the backend is asked what the script wants`() throws {
        let harness = try RelayHarness(
            .http, [try .script("ask drop Range set \"X: 2\"\nhead\nbody")], overwritesHost: true)
        harness.send(
            "POST /a HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\nContent-Length: 4\r\n\r\nbo")
        harness.send("dy")
        #expect(
            harness.toBackend()
                == "POST /a HTTP/1.1\r\nHost: 127.0.0.1:9\r\nContent-Length: 4\r\nX: 2\r\n\r\nbody")
        harness.answer("a")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        harness.expectNothingLeft()
    }

    @Test func `a request body is read to its end, and a wait begins then`() throws {
        let harness = try harness("wait 1s\nsend \"x\"\nfin")
        harness.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo")
        harness.advance(to: .second)
        harness.send("dy")
        #expect(harness.deadline == 2 * .second)
        harness.advance(to: 2 * .second)
        #expect(harness.toClient() == "x")
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test func `leave to send comes through before the answer`() throws {
        let harness = try harness("head\nbody")
        harness.send(
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        harness.reply("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(harness.toClient() == "HTTP/1.1 100 Continue\r\n\r\n")
        harness.send("b")
        harness.answer("a")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(harness.records.map(\.status) == [200])
        harness.expectNothingLeft()
    }

    @Test func `another object is not to be had from a backend`() throws {
        let harness = try harness("head\nbody of other")
        harness.get("/a")
        harness.answer("a")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(harness.warnings.count == 1)
        harness.expectNothingLeft()
    }

    @Test func `removing the toxic lets the reply go as it has come`() throws {
        let harness = try harness("head\nfin")
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        harness.set([])
        #expect(harness.toClient() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        harness.reply("def")
        #expect(harness.toClient() == "def")
        #expect(harness.endings == [.keep])
        harness.expectNothingLeft()
    }

    @Test func `a script goes on when its backend has gone`() throws {
        let harness = try harness("head\nwait 1s\nbody")
        harness.get("/a")
        harness.answer("a")
        harness.backendEnds()
        harness.advance(to: .second)
        #expect(harness.toClient() == RelayHarness.answer("a"))
        harness.expectNothingLeft()
    }

    @Test func `a client that resets ends the script and the backend`() throws {
        let harness = try harness("head\nwait 1s\nbody")
        harness.get("/a")
        harness.answer("abc")
        harness.clientResets()
        #expect(harness.endings == [.clientRST])
        #expect(harness.records.map(\.hasGivenUp) == [true])
        #expect(harness.environment.held.count == 0)
        harness.expectNothingLeft()
    }

    @Test func `the next request is for the script`() throws {
        let harness = try harness("head\nbody\nrequest\nhead 201\nbody")
        harness.get("/a", "/b", "/c")
        harness.answer("a")
        #expect(harness.toBackend() == RelayHarness.request("/a") + RelayHarness.request("/b"))
        harness.answer("b")
        harness.answer("c")
        let answers = try ParsedAnswer.all(harness.toClient())
        #expect(answers.map(\.status) == [200, 201, 200])
        #expect(answers.map(\.body) == ["a", "b", "c"])
        #expect(harness.proxy.counters.drawn == 2)
        harness.expectNothingLeft()
    }

    @Test func `a half-close leaves the client to speak`() throws {
        let harness = try harness("head\nbody\nhalf\nclose-wait 5s")
        harness.get("/a")
        harness.answer("a")
        #expect(harness.client.endings.contains(.finish))
        #expect(harness.endings == [.fin])
        #expect(!harness.isOver)
        harness.clientEnds()
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `a script speaks first before a backend, too`() throws {
        let harness = try harness("begin accept\nsend \"hello\\n\"\nrequest\nhead\nbody")
        #expect(harness.toClient() == "hello\n")
        #expect(harness.dialed.isEmpty)
        harness.get("/a", "/b")
        harness.answer("a")
        harness.answer("b")
        #expect(harness.toClient() == RelayHarness.answer("a") + RelayHarness.answer("b"))
        #expect(harness.records.map { $0.faults.count } == [1, 1, 0])
        harness.expectNothingLeft()
    }

    @Test func `a refusal before the body needs no backend`() throws {
        let harness = try harness("begin head\nsend \"HTTP/1.1 413 No\\r\\n\\r\\n\"\nfin")
        harness.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo")
        #expect(harness.toClient() == "HTTP/1.1 413 No\r\n\r\n")
        #expect(harness.dialed.isEmpty)
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test func `behind an answer before its body the connection goes on`() throws {
        let harness = try harness(
            "begin head\nsend \"HTTP/1.1 413 No\\r\\nContent-Length: 0\\r\\n\\r\\n\"")
        harness.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo")
        #expect(harness.toClient().hasPrefix("HTTP/1.1 413"))
        harness.send("dy" + RelayHarness.request("/b"))
        #expect(harness.toClient().hasPrefix("HTTP/1.1 413"))
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }
}
