import Faults
import TestSupport
import Testing

@testable import ChaosProxy

/// http: each fault of bytes, on exchanges that share a connection.
struct RelayMessageFaultTests {
    private func only(_ fault: Fault, _ stream: Toxic.Stream, _ path: String) -> Toxic {
        var match = Match()
        match.path = path
        return Toxic(fault, stream: stream, match: match)
    }

    private func ask(_ targets: String...) -> String {
        targets.map(RelayHarness.request).joined()
    }

    @Test func `delays overlap and answers leave in order`() throws {
        let slow = only(.latency(Latency(latency: .second, jitter: 0)), .downstream, "/slow")
        let harness = try RelayHarness(.http, [slow])
        harness.get("/slow", "/fast", "/slow")
        harness.answer("1", "2", "3")
        #expect(harness.toClient() == "")
        harness.advance(to: .second - 1)
        #expect(harness.toClient() == "")
        harness.advance(to: .second)
        #expect(harness.toClient() == ["1", "2", "3"].map(RelayHarness.answer).joined())
        #expect(harness.records.map(\.duration) == [.second, .second, .second])
        #expect(harness.endings == [.keep, .keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `a delayed request delays those behind it, but not twice`() throws {
        let slow = only(.latency(Latency(latency: .second, jitter: 0)), .upstream, "/slow")
        let harness = try RelayHarness(.http, [slow])
        harness.get("/slow", "/fast", "/slow")
        #expect(harness.toBackend() == "")
        harness.advance(to: .second)
        #expect(harness.toBackend() == ask("/slow", "/fast", "/slow"))
        harness.answer("1", "2", "3")
        #expect(harness.toClient() == ["1", "2", "3"].map(RelayHarness.answer).joined())
        harness.expectNothingLeft()
    }

    @Test func `limits count for each exchange`() throws {
        let limit = Toxic(.limitData(LimitData(bytes: 40)), stream: .downstream)
        let harness = try RelayHarness(.http, [limit])
        for _ in 0..<5 {
            harness.get("/")
            harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".replacing("OK", with: ""))
        }
        #expect(harness.endings == [.keep, .keep, .keep, .keep, .keep])
        _ = harness.toClient()
        harness.get("/")
        harness.answer("long body")
        #expect(harness.client.output == Array(RelayHarness.answer("long body").utf8.prefix(40)))
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.endings.last == .fin)
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `a limit upstream cuts the request, behind the answers before it`() throws {
        let harness = try RelayHarness(
            .http, [only(.limitData(LimitData(bytes: 5)), .upstream, "/cut")])
        harness.get("/a", "/cut", "/c")
        #expect(harness.toBackend() == ask("/a") + "GET /")
        #expect(harness.client.isOpen)
        harness.answer("a")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(!harness.client.isOpen && !harness.backend.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `bandwidth is shared by the exchanges of a connection`() throws {
        let harness = try RelayHarness(
            .http, [Toxic(.bandwidth(Bandwidth(rate: 1000)), stream: .downstream)])
        let reply = RelayHarness.answer(String(repeating: "x", count: 60))
        #expect(reply.utf8.count == 99)
        harness.get("/a", "/b")
        harness.reply(reply + reply)
        harness.advance(to: 198 * .millisecond - 1)
        #expect(!harness.client.output.elementsEqual((reply + reply).utf8))
        harness.advance(to: 198 * .millisecond)
        #expect(harness.toClient() == reply + reply)
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test(arguments: [Toxic.Stream.upstream, .downstream])
    func `slicer leaves messages whole`(stream: Toxic.Stream) throws {
        let slicer = Fault.slicer(Slicer(averageSize: 7, sizeVariation: 3, delay: .millisecond))
        let harness = try RelayHarness(.http, [Toxic(slicer, stream: stream)])
        harness.get("/a", "/b")
        harness.advance(to: .second)
        #expect(harness.toBackend() == ask("/a", "/b"))
        harness.answer("aaaaaaaa", "bbbbbbbbbbbb")
        harness.advance(to: 2 * .second)
        #expect(
            harness.toClient()
                == ["aaaaaaaa", "bbbbbbbbbbbb"].map(RelayHarness.answer).joined())
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `timeout acts from the exchange that drew it`() throws {
        let harness = try RelayHarness(
            .http, [only(.timeout(Timeout(timeout: .second)), .downstream, "/hang")])
        harness.get("/a")
        harness.answer("a")
        harness.advance(to: 5 * .second)
        harness.get("/hang", "/c")
        harness.answer("b", "c")
        harness.advance(to: 6 * .second - 1)
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(harness.client.isOpen)
        harness.advance(to: 6 * .second)
        #expect(harness.toClient() == "")
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.endings == [.keep, .fin, .fin])
        harness.expectNothingLeft()
    }

    @Test func `reset_peer acts from the exchange that drew it`() throws {
        let harness = try RelayHarness(
            .http, [only(.resetPeer(ResetPeer(timeout: .second)), .downstream, "/reset")])
        harness.get("/a", "/reset")
        harness.answer("a", "b")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        harness.advance(to: .second - 1)
        #expect(harness.client.isOpen)
        harness.advance(to: .second)
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.keep, .rst])
        harness.expectNothingLeft()
    }

    @Test func `reset_peer upstream gives the backend nothing`() throws {
        let harness = try RelayHarness(
            .http, [Toxic(.resetPeer(ResetPeer(timeout: 0)), stream: .upstream)])
        harness.get("/a")
        #expect(harness.toBackend() == "")
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.rst])
        harness.expectNothingLeft()
    }

    @Test func `slow_close holds the backend's FIN`() throws {
        let harness = try RelayHarness(
            .http, [Toxic(.slowClose(SlowClose(delay: .second)), stream: .downstream)])
        harness.get("/a")
        harness.answer("a")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        harness.backendEnds()
        harness.advance(to: .second - 1)
        #expect(harness.client.isOpen)
        harness.advance(to: .second)
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `slow_close holds the FIN behind an answer that limit_data cuts`() throws {
        let slow = Toxic(.slowClose(SlowClose(delay: .second)), stream: .downstream)
        let limit = Toxic(.limitData(LimitData(bytes: 30)), stream: .downstream)
        for toxics in [[limit, slow], [slow, limit]] {
            let harness = try RelayHarness(.http, toxics)
            harness.get("/a")
            harness.answer("a")
            harness.advance(to: .second - 1)
            #expect(harness.toClient().utf8.count == 30)
            #expect(harness.client.isOpen)
            harness.advance(to: .second)
            #expect(harness.client.endings == [.close(lingering: true)])
            #expect(harness.endings == [.fin])
            #expect(harness.isOver)
            harness.expectNothingLeft()
        }
    }

    @Test func `slow_close holds the FIN behind an answer that a fault gives`() throws {
        let slow = Toxic(.slowClose(SlowClose(delay: .second)), stream: .downstream)
        let harness = try RelayHarness(.http, [slow, .respond((503, 1))])
        harness.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        #expect(harness.toClient().hasPrefix("HTTP/1.1 503"))
        #expect(harness.client.isOpen)
        harness.advance(to: .second)
        #expect(!harness.client.isOpen)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `slow_close holds the client's FIN`() throws {
        let harness = try RelayHarness(
            .http, [Toxic(.slowClose(SlowClose(delay: .second)), stream: .upstream)])
        harness.get("/a")
        harness.clientEnds()
        #expect(harness.toBackend() == ask("/a"))
        harness.advance(to: .second - 1)
        #expect(harness.backend.endings.isEmpty)
        harness.advance(to: .second)
        #expect(harness.backend.endings == [.finish])
        harness.advance(to: 9 * .second)
        harness.answer("a")
        harness.backendEnds()
        #expect(harness.toClient() == RelayHarness.answer("a"))
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `corrupt replaces one reply, and the next is sound`() throws {
        let harness = try RelayHarness(
            .http, [only(.corrupt(Corrupt(bytes: 10, inject: false)), .downstream, "/bad")])
        harness.get("/bad", "/good")
        harness.answer("bad", "good")
        let output = harness.client.output
        #expect(output.count == 10 + RelayHarness.answer("good").utf8.count)
        #expect(output.dropFirst(10).elementsEqual(RelayHarness.answer("good").utf8))
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `packet_loss loses a reply but not the one behind it`() throws {
        let loss = Fault.packetLoss(PacketLoss(lossRate: .always, correlation: .never))
        let harness = try RelayHarness(.http, [only(loss, .downstream, "/lost")])
        harness.get("/lost", "/b")
        harness.answer("a", "b")
        #expect(harness.toClient() == RelayHarness.answer("b"))
        harness.expectNothingLeft()
    }

    @Test func `faults go on in the tunnel that their exchange becomes`() throws {
        let limit = Toxic(.limitData(LimitData(bytes: 60)), stream: .downstream)
        let harness = try RelayHarness(.http, [limit])
        harness.send("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n")
        harness.reply("HTTP/1.1 101 S\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n")  // 51 bytes
        #expect(!harness.isRelayingDown)
        #expect(harness.client.isOpen)
        harness.reply("0123456789")
        #expect(harness.toClient().hasSuffix("\r\n012345678"))
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }
}
