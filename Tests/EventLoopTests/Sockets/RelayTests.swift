import Glibc
import TestSupport
import Testing

@testable import EventLoop

struct RelayTests {
    @Test func `both directions pass bytes and ends on, each for itself`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        relay.nearRecorder.onEvent = { if $0 == .end { relay.onward.finish() } }
        relay.onwardRecorder.onEvent = { if $0 == .end { relay.near.finish() } }
        relay.client.send("question")
        shutdown(relay.client.far, Int32(SHUT_WR))
        loop.run(until: "the client's end") { relay.nearRecorder.events == [.end] }
        #expect(try relay.backend.receiveAll() == "question")
        #expect(relay.nearRecorder.relayedCount == 8)
        #expect(relay.onwardRecorder.events == [])
        relay.backend.send("answer")
        shutdown(relay.backend.far, Int32(SHUT_WR))
        loop.run(until: "the backend's end") { relay.onwardRecorder.events == [.end] }
        #expect(try relay.client.receiveAll() == "answer")
        #expect(relay.onwardRecorder.relayedCount == 6)
        #expect(relay.nearRecorder.bytes.isEmpty && relay.onwardRecorder.bytes.isEmpty)
        #expect(relay.near.isOpen && relay.onward.isOpen)
        relay.closeFar()
    }

    @Test(arguments: [false, true])
    func `64 MiB of random sizes arrive in order, with and without pipes`(lent: Bool) throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        if lent { while loop.pipes.take() != 0 {} }
        relay.nearRecorder.onEvent = { if $0 == .end { relay.onward.finish() } }
        let total = 64 << 20
        var generator = TestGenerator(seed: 7)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var (sent, got, isEqual, usesPipe) = (0, 0, true, false)
        loop.run(until: "the last byte") {
            let size = min(total - sent, 1 + generator.next(below: RelayPair.period.count))
            if size > 0 { sent += relay.send(from: sent, upTo: size) }
            if sent == total { shutdown(relay.client.far, Int32(SHUT_WR)) }
            usesPipe = usesPipe || loop.pipes.openCount > 0
            // A slow reader: sometimes nothing, sometimes little, sometimes all.
            let room = 1 << generator.next(below: 19)
            guard room >= 64 else { return false }
            let count = recv(relay.backend.far, &buffer, room, Int32(MSG_DONTWAIT))
            guard count > 0 else { return count == 0 }
            isEqual =
                isEqual
                && buffer.withUnsafeBytes {
                    RelayPair.matches(UnsafeRawBufferPointer(rebasing: $0[..<count]), from: got)
                }
            got += count
            return false
        }
        #expect(sent == total && got == total)
        #expect(isEqual)
        #expect(usesPipe)
        #expect(relay.nearRecorder.relayedCount == total)
        if !lent { #expect(loop.pipes.lentCount == 0) }
        relay.closeFar()
    }

    @Test func `the target counts what waits in the pipe, and since when`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        #expect(relay.onward.queuedBytes == 0 && relay.onward.stalledSince == nil)
        let start = loop.now
        var (sent, read) = relay.fillPipe()
        #expect(loop.pipes.lentCount == 1)
        #expect(relay.onward.queuedBytes > 0)
        #expect(relay.onward.stalledSince.map { $0 >= start && $0 <= loop.now } == true)
        #expect(relay.near.queuedBytes == 0 && relay.near.stalledSince == nil)
        relay.readOn(&read, to: sent)
        #expect(relay.onward.queuedBytes == 0 && relay.onward.stalledSince == nil)
        let isEqual = read == RelayPair.bytes(0..<sent)
        #expect(isEqual)
        // Little at a time goes by copy again, and the pipe is nobody's.
        #expect(loop.pipes.lentCount == 0)
        for _ in 0..<8 {
            let more = relay.send(from: sent, upTo: 10)
            sent += more
            relay.readOn(&read, to: sent)
        }
        #expect(!relay.near.flags.contains(.bulk))
        relay.closeFar()
    }

    @Test func `what is written after the end of a relay comes after its bytes`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        var (_, read) = relay.fillPipe()
        let taken = relay.nearRecorder.relayedCount
        relay.near.relay(to: nil)
        #expect(loop.pipes.lentCount == 0)
        relay.near.pauseReading()
        relay.onward.write("afterwards")
        relay.readOn(&read, to: taken + 10)
        let isEqual = read == RelayPair.bytes(0..<taken) + Array("afterwards".utf8)
        #expect(isEqual)
        // The handler hears the rest, and the other direction is still a relay.
        relay.near.resumeReading()
        loop.run(until: "the rest") { !relay.nearRecorder.bytes.isEmpty }
        let count = relay.nearRecorder.bytes.count
        let goesOn = relay.nearRecorder.bytes == RelayPair.bytes(taken..<taken + count)
        #expect(goesOn)
        relay.backend.send("back")
        #expect(relay.onwardRecorder.relayedCount == 0)
        loop.run(until: "the other direction") { relay.onwardRecorder.relayedCount == 4 }
        #expect(try relay.client.receive().get() == "back")
        relay.closeFar()
    }

    @Test func `a relay goes on where the handler did not end it, around what it wrote`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        var (sent, read) = relay.fillPipe()
        let taken = relay.nearRecorder.relayedCount
        relay.onward.write("between")
        relay.readOn(&read, to: sent + 7)
        let expected =
            RelayPair.bytes(0..<taken) + Array("between".utf8) + RelayPair.bytes(taken..<sent)
        let isEqual = read == expected
        #expect(isEqual)
        relay.closeFar()
    }

    @Test func `a relay that begins behind queued bytes waits for them`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        relay.near.relay(to: nil)
        let first = RelayPair.bytes(0..<500_000)
        first.withUnsafeBytes { relay.onward.write($0) }
        #expect(relay.onward.queuedBytes > 0)
        relay.near.relay(to: relay.onward)
        let sent = relay.send(from: first.count)
        var read: [UInt8] = []
        relay.readOn(&read, to: first.count + sent)
        let isEqual = read == RelayPair.bytes(0..<first.count + sent)
        #expect(isEqual)
        relay.closeFar()
    }

    @Test func `a paused source relays nothing`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let relay = try RelayPair(loop)
        relay.near.pauseReading()
        relay.client.send("later")
        loop.runOnce()
        #expect(relay.nearRecorder.relayedCount == 0)
        relay.near.resumeReading()
        loop.run(until: "the bytes") { relay.nearRecorder.relayedCount == 5 }
        #expect(try relay.backend.receive().get() == "later")
        relay.closeFar()
    }
}
