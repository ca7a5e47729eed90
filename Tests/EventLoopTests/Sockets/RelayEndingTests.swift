import Glibc
import Testing

@testable import EventLoop

struct RelayEndingTests {
    @Test func `a target that resets ends the relay and gives the pipe back empty`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        _ = relay.fillPipe()
        relay.backend.resetFar()
        loop.run(until: "the reset") { !relay.onward.isOpen }
        #expect(relay.onwardRecorder.events.last == .closed(.peerReset))
        #expect(loop.pipes.lentCount == 0 && loop.pipes.openCount == 0)
        #expect(relay.near.isOpen && relay.near.partner == nil)
        // What comes now is the handler's.
        loop.run(until: "bytes") { !relay.nearRecorder.bytes.isEmpty }
        relay.client.closeFar()
    }

    @Test func `a source that resets leaves what it had sent to the target`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        var (_, read) = relay.fillPipe()
        let taken = relay.nearRecorder.relayedCount
        relay.client.resetFar()
        // It is held: its end shows when all that came before has been read.
        loop.run(until: "the reset") {
            read += relay.received()
            return !relay.near.isOpen
        }
        relay.readOn(&read, to: relay.nearRecorder.relayedCount)
        #expect(relay.nearRecorder.events == [.closed(.peerReset)])
        #expect(relay.onward.isOpen && relay.onward.partner == nil)
        let isEqual = read == RelayPair.bytes(0..<relay.nearRecorder.relayedCount)
        #expect(isEqual && read.count >= taken)
        relay.backend.closeFar()
    }

    @Test func `a source that we reset leaves what the pipe holds to the target`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        var (_, read) = relay.fillPipe()
        let taken = relay.nearRecorder.relayedCount
        relay.near.reset()
        #expect(loop.pipes.lentCount == 0)
        relay.onward.finish()
        relay.readOn(&read, to: taken)
        #expect(try relay.backend.receiveAll() == "")
        let isEqual = read == RelayPair.bytes(0..<taken)
        #expect(isEqual)
        relay.closeFar()
    }

    @Test(arguments: ["finish", "close", "lingering", "reset in order"])
    func `the target's end comes after what the pipe holds`(end: String) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        var (_, read) = relay.fillPipe()
        let taken = relay.nearRecorder.relayedCount
        switch end {
        case "finish": relay.onward.finish()
        case "close": relay.onward.close(lingering: false)
        case "lingering": relay.onward.close(lingering: true)
        default: relay.onward.resetInOrder()
        }
        relay.near.pauseReading()
        relay.readOn(&read, to: taken)
        let isEqual = read == RelayPair.bytes(0..<taken)
        #expect(isEqual)
        if end == "reset in order" {
            loop.run(until: "the reset") { !relay.onward.isOpen }
            guard case .failure(let failure) = relay.backend.receive() else {
                Issue.record("no reset")
                return
            }
            #expect(failure.errno == ECONNRESET)
        } else {
            loop.runOnce()
            #expect(try relay.backend.receiveAll() == "")
        }
        relay.closeFar()
    }

    @Test func `the client's end is told when everything before it is with the target`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        var (sent, read) = relay.fillPipe()
        shutdown(relay.client.far, Int32(SHUT_WR))
        loop.runOnce()
        #expect(relay.nearRecorder.events == [])
        relay.nearRecorder.onEvent = { event in
            guard event == .end else { return }
            #expect(relay.nearRecorder.relayedCount == sent)
            #expect(loop.pipes.lentCount == 0)
            relay.onward.finish()
        }
        relay.readOn(&read, to: sent)
        loop.run(until: "the end") { relay.nearRecorder.events == [.end] }
        #expect(try relay.backend.receiveAll() == "")
        sent = read.count
        let isEqual = read == RelayPair.bytes(0..<sent)
        #expect(isEqual)
        relay.closeFar()
    }

    @Test func `what comes for a target that has finished is dropped`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        relay.onward.finish()
        var sent = 0
        loop.run(until: "much") {
            sent += relay.send(from: sent)
            return relay.nearRecorder.relayedCount > 1 << 20
        }
        #expect(try relay.backend.receiveAll() == "")
        #expect(relay.near.isOpen && relay.onward.isOpen)
        relay.closeFar()
    }

    @Test(arguments: [false, true])
    func `either may be let go first, with bytes in the pipe`(sourceFirst: Bool) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (client, backend) = (try LoopbackPair(), try LoopbackPair())
        let recorders = [Recorder(), Recorder()]
        var near: Connection? = Connection(descriptor: client.near, on: loop)
        var onward: Connection? = Connection(descriptor: backend.near, on: loop)
        near?.start(recorders[0])
        onward?.start(recorders[1])
        near?.relay(to: onward)
        onward?.relay(to: near)
        let bytes = RelayPair.bytes(0..<1 << 20)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        loop.run(until: "a pipe with bytes in it") {
            if onward?.flags.contains(.pipeWaits) == true { return true }
            _ = Glibc.send(client.far, bytes, bytes.count, Int32(MSG_DONTWAIT))
            if near?.flags.contains(.held) == true {
                _ = recv(backend.far, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            }
            return false
        }
        if sourceFirst { near = nil } else { onward = nil }
        #expect(loop.pipes.lentCount == 0)
        #expect((near ?? onward)?.partner == nil)
        if sourceFirst { onward = nil } else { near = nil }
        client.closeFar()
        backend.closeFar()
    }

    @Test func `an ended relay can begin again with another target`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        let other = try LoopbackPair()
        let (third, recorder) = (Connection(descriptor: other.near, on: loop), Recorder())
        third.start(recorder)
        relay.near.relay(to: nil)
        relay.onward.relay(to: nil)
        #expect(relay.near.partner == nil && relay.onward.partner == nil)
        relay.near.relay(to: third)
        relay.client.send("to the third")
        loop.run(until: "the bytes") { relay.nearRecorder.relayedCount > 0 }
        #expect(try other.receive().get() == "to the third")
        other.send("heard")
        loop.run(until: "the third") { recorder.text == "heard" }
        relay.closeFar()
        other.closeFar()
    }
}
