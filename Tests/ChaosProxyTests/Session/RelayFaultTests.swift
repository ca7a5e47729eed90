import Faults
import TestSupport
import Testing

@testable import ChaosProxy

extension RelayHarness {
    /// What one side of a tunnel sends, what the other gets, and where that goes.
    func bring(_ text: String, _ stream: Toxic.Stream) {
        stream == .upstream ? send(text) : reply(text)
    }

    func taken(_ stream: Toxic.Stream) -> String {
        stream == .upstream ? toBackend() : toClient()
    }

    func sink(_ stream: Toxic.Stream) -> FakeStream { stream == .upstream ? backend : client }

    func ends(_ stream: Toxic.Stream) { stream == .upstream ? clientEnds() : backendEnds() }
}

/// tcp: each fault of bytes, in both directions.
struct RelayFaultTests {
    private static let streams: [Toxic.Stream] = [.upstream, .downstream]

    private func harness(_ fault: Fault, _ stream: Toxic.Stream) throws -> RelayHarness {
        try RelayHarness(.tcp, [Toxic(fault, stream: stream)])
    }

    @Test(arguments: streams) func `noop does nothing`(stream: Toxic.Stream) throws {
        let harness = try harness(.noop(Noop()), stream)
        harness.bring("x", stream)
        #expect(harness.taken(stream) == "x")
        #expect(harness.isRelayingUp && harness.isRelayingDown)
        harness.expectNothingLeft()
    }

    @Test(arguments: streams)
    func `latency delays to the nanosecond, and the end with it`(stream: Toxic.Stream) throws {
        let harness = try harness(.latency(Latency(latency: .second, jitter: 0)), stream)
        harness.bring("a", stream)
        harness.advance(to: 5)
        harness.bring("b", stream)
        harness.ends(stream)
        harness.advance(to: .second - 1)
        #expect(harness.taken(stream) == "")
        harness.advance(to: .second + 4)
        #expect(harness.taken(stream) == "a")
        #expect(harness.sink(stream).endings.isEmpty)
        harness.advance(to: .second + 5)
        #expect(harness.taken(stream) == "b")
        #expect(harness.sink(stream).endings == [.finish])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `bandwidth takes its time`(stream: Toxic.Stream) throws {
        let harness = try harness(.bandwidth(Bandwidth(rate: 1000)), stream)
        harness.bring(String(repeating: "x", count: 250), stream)
        harness.advance(to: 100 * .millisecond - 1)
        #expect(harness.taken(stream).isEmpty)
        harness.advance(to: 100 * .millisecond)
        #expect(harness.taken(stream).count == 100)
        harness.advance(to: 250 * .millisecond - 1)
        #expect(harness.taken(stream).count == 100)
        harness.advance(to: 250 * .millisecond)
        #expect(harness.taken(stream).count == 50)
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `slicer cuts and waits between`(stream: Toxic.Stream) throws {
        let slicer = Fault.slicer(Slicer(averageSize: 4, sizeVariation: 0, delay: .millisecond))
        let harness = try harness(slicer, stream)
        harness.bring("0123456789", stream)
        #expect(harness.taken(stream) == "0123")
        harness.advance(to: .millisecond)
        #expect(harness.taken(stream) == "4567")
        harness.advance(to: 2 * .millisecond)
        #expect(harness.taken(stream) == "89")
        #expect(harness.sink(stream).writes == [4, 4, 2])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `limit_data closes behind its last byte`(stream: Toxic.Stream)
        throws
    {
        let harness = try harness(.limitData(LimitData(bytes: 5)), stream)
        harness.bring("abc", stream)
        #expect(harness.client.isOpen)
        harness.bring("defg", stream)
        #expect(harness.taken(stream) == "abcde")
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.backend.endings == [.close(lingering: true)])
        #expect(harness.endings == [.fin])
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test(arguments: streams)
    func `slow_close holds the FIN behind the last byte of limit_data`(stream: Toxic.Stream) throws
    {
        let harness = try RelayHarness(
            .tcp,
            [
                Toxic(.limitData(LimitData(bytes: 5)), stream: stream),
                Toxic(.slowClose(SlowClose(delay: .second)), stream: stream),
            ])
        harness.bring("abcdefg", stream)
        harness.bring("h", stream)
        harness.advance(to: .second - 1)
        #expect(harness.taken(stream) == "abcde")
        #expect(harness.client.isOpen && harness.backend.isOpen)
        harness.advance(to: .second)
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.backend.endings == [.close(lingering: true)])
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `slow_close holds the FIN only`(stream: Toxic.Stream) throws {
        let harness = try harness(.slowClose(SlowClose(delay: .second)), stream)
        harness.bring("x", stream)
        harness.ends(stream)
        #expect(harness.taken(stream) == "x")
        harness.advance(to: .second - 1)
        #expect(harness.sink(stream).endings.isEmpty)
        harness.advance(to: .second)
        #expect(harness.sink(stream).endings == [.finish])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `timeout closes after its time in total`(stream: Toxic.Stream)
        throws
    {
        let harness = try harness(.timeout(Timeout(timeout: .second)), stream)
        harness.advance(to: .second / 2)
        harness.bring("x", stream)
        harness.ends(stream)
        harness.advance(to: .second - 1)
        #expect(harness.client.isOpen && harness.backend.isOpen)
        harness.advance(to: .second)
        #expect(!harness.client.isOpen && !harness.backend.isOpen)
        #expect(harness.taken(stream) == "")
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `a timeout of 0 stays silent`(stream: Toxic.Stream) throws {
        let harness = try harness(.timeout(Timeout(timeout: 0)), stream)
        harness.bring("x", stream)
        harness.advance(to: 1000 * .second)
        #expect(harness.client.isOpen && harness.taken(stream) == "")
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `reset_peer resets both sides`(stream: Toxic.Stream) throws {
        let harness = try harness(.resetPeer(ResetPeer(timeout: .second)), stream)
        harness.advance(to: 3 * .second)
        harness.bring("x", stream)
        harness.advance(to: 4 * .second - 1)
        #expect(harness.client.isOpen)
        harness.advance(to: 4 * .second)
        #expect(harness.client.endings == [.resetInOrder])
        #expect(harness.backend.endings == [.resetInOrder])
        #expect(harness.taken(stream) == "")
        #expect(harness.endings == [.rst])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `packet_loss loses what it loses`(stream: Toxic.Stream) throws {
        let loss = Fault.packetLoss(PacketLoss(lossRate: .always, correlation: .never))
        let harness = try harness(loss, stream)
        harness.bring("x", stream)
        harness.ends(stream)
        #expect(harness.taken(stream) == "")
        #expect(harness.sink(stream).endings == [.finish])
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `corrupt replaces the stream`(stream: Toxic.Stream) throws {
        let harness = try harness(.corrupt(Corrupt(bytes: 1000, inject: false)), stream)
        harness.bring("a", stream)
        harness.bring("b", stream)
        #expect(harness.sink(stream).output.count == 1000)
        harness.expectNothingLeft()
    }

    @Test(arguments: streams) func `corrupt injects into the stream`(stream: Toxic.Stream) throws {
        let harness = try harness(.corrupt(Corrupt(bytes: 100, inject: true)), stream)
        harness.bring("abcd", stream)
        harness.bring("ef", stream)
        let output = harness.sink(stream).output
        #expect(output.count == 106)
        #expect(output.starts(with: "ab".utf8))
        #expect(output.suffix(4) == Array("cdef".utf8)[...])
        harness.expectNothingLeft()
    }

    @Test func `upstream faults act though the backend is not there yet`() throws {
        let timeout = Toxic(.timeout(Timeout(timeout: .second)), stream: .upstream)
        let harness = try RelayHarness(.tcp, [timeout], isConnected: false)
        harness.advance(to: .second)
        #expect(!harness.client.isOpen)
        #expect(!harness.isDialing)
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `a fault that answers has no place on tcp`() throws {
        let harness = try RelayHarness(.tcp, [.respond((503, 1))])
        harness.send("x")
        #expect(harness.toBackend() == "x")
        #expect(harness.proxy.counters.injected == 0)
        harness.expectNothingLeft()
    }
}
