import Faults
import Testing

@testable import ChaosProxy

/// tcp: the connection is the exchange.
struct RelayTunnelTests {
    @Test(arguments: [true, false]) func `bytes go both ways`(wantsRecords: Bool) throws {
        let harness = try RelayHarness(.tcp, wantsRecords: wantsRecords)
        harness.send("ping")
        harness.reply("pong")
        #expect(harness.toBackend() == "ping")
        #expect(harness.toClient() == "pong")
        #expect(harness.proxy.counters.receivedUpstream == 4)
        #expect(harness.proxy.counters.sentUpstream == 4)
        #expect(harness.proxy.counters.receivedDownstream == 4)
        #expect(harness.proxy.counters.sentDownstream == 4)
        #expect(harness.proxy.counters.inFlight == 1)
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `what comes before the backend is there waits for it`(wantsRecords: Bool) throws {
        let harness = try RelayHarness(.tcp, isConnected: false, wantsRecords: wantsRecords)
        harness.send("one ")
        harness.send("two")
        #expect(harness.proxy.counters.sentUpstream == 0)
        harness.connect()
        #expect(harness.toBackend() == "one two")
        harness.send(" three")
        #expect(harness.toBackend() == " three")
        #expect(harness.proxy.counters.sentUpstream == 13)
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `a client that sends a lot before the backend is there is paused and goes on`(
        wantsRecords: Bool
    ) throws {
        let harness = try RelayHarness(.tcp, isConnected: false, wantsRecords: wantsRecords)
        harness.send([UInt8](repeating: 1, count: 256 << 10))
        #expect(!harness.client.isReading)
        harness.send("more")
        #expect(harness.client.hasIncoming)
        harness.connect()
        #expect(harness.client.isReading)
        #expect(harness.backend.output.count == (256 << 10) + 4)
        harness.expectNothingLeft()
    }

    @Test func `without faults the bytes are not looked at`() throws {
        let harness = try RelayHarness(.tcp)
        #expect(harness.isRelayingUp && harness.isRelayingDown)
        harness.set([Toxic.latency(.millisecond)])
        #expect(harness.isRelayingUp && !harness.isRelayingDown)
        harness.reply("held")
        harness.set([])
        #expect(harness.isRelayingUp && harness.isRelayingDown)
        harness.reply(" on")
        #expect(harness.toClient() == "held on")
        harness.expectNothingLeft()
    }

    @Test func `a backend whose client does not read is paused`() throws {
        let harness = try RelayHarness(.tcp, [Toxic(.noop(Noop()), stream: .downstream)])
        harness.set([Toxic(.slowClose(SlowClose(delay: .second)), stream: .downstream)])
        #expect(!harness.isRelayingDown)
        harness.client.queuedBytes = 256 << 10
        harness.reply("a")
        #expect(!harness.backend.isReading)
        harness.reply("b")
        #expect(harness.toClient() == "a")
        harness.drain(harness.client)
        #expect(harness.backend.isReading)
        #expect(harness.toClient() == "b")
        harness.expectNothingLeft()
    }

    @Test func `a client whose backend does not read is paused`() throws {
        let toxic = Toxic(.slowClose(SlowClose(delay: .second)), stream: .upstream)
        let harness = try RelayHarness(.tcp, [toxic])
        harness.backend.queuedBytes = 256 << 10
        harness.send("a")
        #expect(!harness.client.isReading)
        harness.send("b")
        harness.drain(harness.backend)
        #expect(harness.client.isReading)
        #expect(harness.toBackend() == "ab")
        harness.expectNothingLeft()
    }

    @Test func `a side that was paused is read again when its fault is removed`() throws {
        let toxic = Toxic(.bandwidth(Bandwidth(rate: 0)), stream: .downstream)
        let harness = try RelayHarness(.tcp, [toxic])
        let bytes = [UInt8](repeating: 7, count: (256 << 10) + 1)
        harness.reply(bytes)
        #expect(!harness.backend.isReading)
        #expect(harness.environment.held.count > 256 << 10)
        harness.set([])
        #expect(harness.client.output == bytes)
        #expect(harness.backend.isReading)
        #expect(harness.environment.held.count == 0)
        harness.expectNothingLeft()
    }

    @Test func `a paused side is read again though it is passed on unseen from now on`() throws {
        let toxic = Toxic(.slowClose(SlowClose(delay: .second)), stream: .upstream)
        let harness = try RelayHarness(.tcp, [toxic])
        harness.backend.queuedBytes = 256 << 10
        harness.send("a")
        harness.set([])
        harness.drain(harness.backend)
        harness.send("b")
        #expect(harness.toBackend() == "ab")
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `the client's FIN goes on, and the backend can still answer`(hasToxic: Bool) throws {
        let toxics = hasToxic ? [Toxic.latency(0)] : []
        let harness = try RelayHarness(.tcp, toxics)
        harness.send("q")
        harness.clientEnds()
        #expect(harness.backend.endings.last == .finish)
        #expect(harness.client.isOpen && harness.backend.isOpen)
        harness.reply("answer")
        harness.backendEnds()
        #expect(harness.toClient() == "answer")
        #expect(!harness.client.isOpen && !harness.backend.isOpen)
        #expect(harness.isOver)
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `the backend's FIN goes on, and the client can still send`() throws {
        let harness = try RelayHarness(.tcp)
        harness.reply("bye")
        harness.backendEnds()
        #expect(harness.client.endings == [.finish])
        harness.send("more")
        #expect(harness.toBackend() == "more")
        harness.clientEnds()
        #expect(harness.client.endings == [.finish, .close(lingering: false)])
        #expect(harness.backend.endings == [.close(lingering: false)])
        #expect(harness.isOver)
        #expect(harness.records.map(\.bytesSent) == [3])
        harness.expectNothingLeft()
    }

    @Test func `a FIN before the backend is there goes on behind the bytes`() throws {
        let harness = try RelayHarness(.tcp, isConnected: false)
        harness.send("all")
        harness.clientEnds()
        harness.connect()
        #expect(harness.toBackend() == "all")
        #expect(harness.backend.endings == [.finish])
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false]) func `a refusal is a reset`(wantsRecords: Bool) throws {
        let harness = try RelayHarness(.tcp, isConnected: false, wantsRecords: wantsRecords)
        harness.send("x")
        harness.refuse()
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.isOver)
        #expect(harness.endings == (wantsRecords ? [.backendRefused] : []))
        #expect(harness.warnings == ["test: connect 127.0.0.1:9: Connection refused"])
        #expect(harness.proxy.counters.recorded.unplanned == (wantsRecords ? 1 : 0))
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false], [0, 1] as [Nanoseconds])
    func `a refusal of a client that has said nothing is a FIN`(
        wantsRecords: Bool, latency: Nanoseconds
    ) throws {
        let harness = try RelayHarness(
            .tcp, latency > 0 ? [.latency(latency)] : [], isConnected: false,
            wantsRecords: wantsRecords)
        harness.refuse()
        #expect(harness.client.endings == [.close(lingering: false)])
        #expect(harness.proxy.counters.recorded.unplanned == (wantsRecords ? 1 : 0))
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `the backend's reset is one for the client`(wantsRecords: Bool) throws {
        let harness = try RelayHarness(.tcp, wantsRecords: wantsRecords)
        harness.reply("part")
        harness.backendResets()
        #expect(harness.toClient() == "part")
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == (wantsRecords ? [.backendRST] : []))
        #expect(harness.proxy.counters.recorded.unplanned == (wantsRecords ? 1 : 0))
        harness.expectNothingLeft()
    }

    @Test func `the backend's reset stays behind what is delayed`() throws {
        let harness = try RelayHarness(.tcp, [.latency(.second)])
        harness.reply("late")
        harness.backendResets()
        #expect(harness.client.isOpen)
        harness.advance(to: .second - 1)
        #expect(harness.toClient() == "" && harness.client.isOpen)
        harness.advance(to: .second)
        #expect(harness.toClient() == "late")
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.endings == [.backendRST])
        harness.expectNothingLeft()
    }

    @Test func `the client's reset is one for the backend`() throws {
        let harness = try RelayHarness(.tcp)
        harness.send("x")
        harness.clientResets()
        #expect(harness.backend.endings == [.reset])
        #expect(harness.endings == [.clientRST])
        harness.expectNothingLeft()
    }

    @Test func `a client that leaves gives up the attempt to connect`() throws {
        let harness = try RelayHarness(.tcp, isConnected: false)
        #expect(harness.isDialing)
        harness.clientResets()
        #expect(!harness.isDialing)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    /// The backend's stream tells its end when the callback under way is over, and calls the
    /// session then: it must still be there.
    @Test func `a session is over only when both streams have told their end`() throws {
        let harness = try RelayHarness(.tcp)
        harness.client.peerResets()
        #expect(harness.client.deliver())
        #expect(!harness.backend.isOpen)
        #expect(!harness.isOver)
        #expect(harness.backend.deliver())
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `an end from outside is told as the reset that it is`() throws {
        let harness = try RelayHarness(.tcp)
        harness.session.reset()
        harness.settle()
        #expect(harness.client.endings == [.reset])
        #expect(harness.backend.endings == [.reset])
        #expect(harness.endings == [.rst])
        harness.expectNothingLeft()
    }

    @Test func `closing is a FIN on both sides`() throws {
        let harness = try RelayHarness(.tcp)
        harness.session.close()
        harness.settle()
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.backend.endings == [.close(lingering: true)])
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test func `a drain ends a quiet connection and waits for what is held`() throws {
        let quiet = try RelayHarness(.tcp)
        quiet.session.drain()
        quiet.settle()
        #expect(quiet.isOver)
        let busy = try RelayHarness(.tcp, [.latency(.second)])
        busy.reply("held")
        busy.session.drain()
        busy.settle()
        #expect(busy.client.isOpen)
        busy.advance(to: .second)
        #expect(busy.toClient() == "held")
        #expect(busy.isOver)
        busy.expectNothingLeft()
    }
}
