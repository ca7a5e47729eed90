import Glibc
import TestSupport
import Testing

@testable import EventLoop

struct ConnectionTests {
    /// Bytes that show every gap and every exchange of two parts.
    private func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = TestGenerator(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
    }

    /// A connection at each end, on one loop.
    private func connections(
        _ loop: EventLoop
    ) throws -> (near: Connection, far: Connection, Recorder, Recorder) {
        let pair = try LoopbackPair()
        let far = Connection(descriptor: try pair.farForLoop(), on: loop)
        let near = Connection(descriptor: pair.near, on: loop)
        return (near, far, Recorder(), Recorder())
    }

    @Test func `what was sent is received, and the end after it`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        recorder.onEvent = { _ in loop.stop() }
        connection.start(recorder)
        pair.send("hello")
        shutdown(pair.far, Int32(SHUT_WR))
        loop.runGuarded("the end")
        #expect(recorder.text == "hello")
        #expect(recorder.events == [.end])
        #expect(connection.isOpen)
        // It may still write: the peer has only ended its own side.
        connection.write("answer")
        connection.close(lingering: false)
        #expect(try pair.receiveAll() == "answer")
        pair.closeFar()
    }

    @Test func `the peer is known`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let connection = Connection(descriptor: pair.near, on: loop)
        let expected = SocketAddress.ask { getsockname(pair.far, $0, $1) }
        #expect(expected != nil && connection.peer == expected)
        pair.closeFar()
    }

    @Test func `writes leave in order, corked or not`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        final class Owner {}
        let owned = Array("<owned>".utf8)
        connection.write("a")
        #expect(connection.cork())
        #expect(!connection.cork())
        connection.write("b")
        connection.write("c")
        owned.withUnsafeBytes { connection.write($0, owner: Owner()) }
        connection.write("d")
        connection.uncork()
        connection.write("e")
        connection.finish()
        connection.write("too late")
        #expect(try pair.receiveAll() == "abc<owned>de")
        pair.closeFar()
    }

    @Test func `what is gathered is sent by uncork and not before`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        _ = connection.cork()
        connection.write("gathered")
        var byte: UInt8 = 0
        #expect(recv(pair.far, &byte, 1, Int32(MSG_DONTWAIT)) == -1 && errno == EAGAIN)
        connection.uncork()
        #expect(try pair.receive().get() == "gathered")
        pair.closeFar()
    }

    @Test func `what a lost connection had gathered goes to nobody else`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (lost, other) = (try LoopbackPair(), try LoopbackPair())
        let first = Connection(descriptor: lost.near, on: loop)
        let second = Connection(descriptor: other.near, on: loop)
        let recorders = [Recorder(), Recorder()]
        first.start(recorders[0])
        second.start(recorders[1])
        lost.resetFar()
        _ = first.cork()
        // The second does not fit behind the first, which is sent and finds the connection lost.
        first.write(String(repeating: "x", count: 60_000))
        first.write(String(repeating: "secret", count: 5000))
        first.uncork()
        #expect(!first.isOpen)
        _ = second.cork()
        second.write("hello")
        second.uncork()
        second.close(lingering: false)
        #expect(try other.receiveAll() == "hello")
        other.closeFar()
    }

    @Test func `large writes of all kinds arrive byte for byte under back-pressure`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (near, far, sender, receiver) = try connections(loop)
        near.start(sender)
        far.pauseReading()
        far.start(receiver)
        final class Owner {
            let bytes: [UInt8]
            init(_ bytes: [UInt8]) { self.bytes = bytes }
        }
        let owner = Owner(pattern(400_000, seed: 1))
        let copied = pattern(100_000, seed: 2)
        let filed = pattern(300_000, seed: 3)
        let file = try MemoryFile()
        #expect(pwrite(file.descriptor, filed, filed.count, 0) == filed.count)
        near.write("start")
        owner.bytes.withUnsafeBytes { near.write($0, owner: owner) }
        near.write(file: file.descriptor, offset: 1000, count: filed.count - 1000, owner: file)
        copied.withUnsafeBytes { near.write($0) }
        near.write(file: file.descriptor, offset: 0, count: 1000, owner: file)
        near.write("end")
        #expect(near.queuedBytes > 0)
        #expect(near.stalledSince.map { $0 <= loop.now } == true)
        sender.onEvent = { if $0 == .drained { near.close(lingering: false) } }
        receiver.onEvent = { if $0 == .end { loop.stop() } }
        far.resumeReading()
        loop.runGuarded("the end")
        let expected =
            Array("start".utf8) + owner.bytes + filed[1000...] + copied + filed[..<1000]
            + Array("end".utf8)
        #expect(receiver.bytes.count == expected.count)
        let isEqual = receiver.bytes == expected
        #expect(isEqual)
        #expect(sender.events == [.drained, .closed(.fin)])
        #expect(near.queuedBytes == 0 && near.stalledSince == nil)
    }

    @Test func `a close waits for what is queued`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        for lingering in [false, true] {
            let (near, far, sender, receiver) = try connections(loop)
            near.start(sender)
            far.pauseReading()
            far.start(receiver)
            let bytes = pattern(500_000)
            bytes.withUnsafeBytes { near.write($0) }
            #expect(near.queuedBytes > 0)
            near.close(lingering: lingering)
            #expect(near.isOpen)
            far.resumeReading()
            // Whichever hears of the end last.
            let stopAtLast = {
                guard sender.events.count == 2, receiver.events.first == .end else { return }
                loop.stop()
            }
            sender.onEvent = { _ in stopAtLast() }
            receiver.onEvent = { event in
                if event == .end { far.close(lingering: false) }
                stopAtLast()
            }
            loop.runGuarded("the close")
            let isEqual = receiver.bytes == bytes
            #expect(isEqual)
            #expect(sender.events == [.drained, .closed(.fin)])
            (sender.onEvent, receiver.onEvent) = ({ _ in }, { _ in })  // they hold each other
        }
    }

    @Test func `a paused connection hears nothing until it is resumed`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        connection.pauseReading()
        connection.pauseReading()
        pair.send("hello")
        loop.runOnce()
        #expect(recorder.bytes.isEmpty)
        connection.resumeReading()
        recorder.onBytes = { loop.stop() }
        loop.runGuarded("the bytes")
        #expect(recorder.text == "hello")
        pair.closeFar()
    }

    // MARK: Ends

    @Test func `a reset is an RST for the peer and loses what is queued`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        connection.reset()
        connection.reset()
        #expect(!connection.isOpen)
        #expect(recorder.events == [])
        loop.runOnce()
        #expect(recorder.events == [.closed(.rst)])
        guard case .failure(let failure) = pair.receive() else {
            Issue.record("no error")
            return
        }
        #expect(failure.errno == ECONNRESET)
        pair.closeFar()
    }

    @Test func `a peer that resets is told apart from one that ends`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        recorder.onEvent = { _ in loop.stop() }
        pair.resetFar()
        loop.runGuarded("the reset")
        #expect(recorder.events == [.closed(.peerReset)])
        #expect(connection.peer == nil)
        connection.write("nobody hears this")
        connection.close(lingering: true)
        #expect(!connection.isOpen)
    }

    @Test func `a file that has become shorter ends the connection with RST`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        let file = try MemoryFile()
        connection.write(file: file.descriptor, offset: 100, count: 50, owner: file)
        loop.runOnce()
        #expect(recorder.events == [.closed(.failed(EIO))])
        pair.closeFar()
    }

    @Test func `a lingering close is a FIN first and waits for the peer's`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        connection.pauseReading()
        pair.send("unread")
        connection.write("last words")
        connection.close(lingering: true)
        #expect(connection.isOpen)
        pair.send("and more")
        loop.runOnce()
        #expect(try pair.receiveAll() == "last words")
        pair.closeFar()
        recorder.onEvent = { _ in loop.stop() }
        loop.runGuarded("the peer's FIN")
        #expect(recorder.bytes.isEmpty)
        #expect(recorder.events == [.closed(.fin)])
    }

    @Test func `a wake-up comes at its instant or later, and only the last one asked for`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        let deadline = loop.now + 2_000_000
        connection.wake(at: loop.now + 1_000_000_000_000)
        connection.wake(at: deadline)
        recorder.onEvent = { _ in loop.stop() }
        loop.runGuarded("the wake-up")
        #expect(loop.now >= deadline)
        #expect(recorder.events == [.woke])
        connection.wake(at: loop.now)
        connection.close(lingering: false)
        loop.runOnce()
        #expect(recorder.events == [.woke, .closed(.fin)])
        pair.closeFar()
    }

    @Test func `a connection that is let go closes its descriptor`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let pair = try LoopbackPair()
        var connection: Connection? = Connection(descriptor: pair.near, on: loop)
        let recorder = Recorder()
        connection?.start(recorder)
        connection?.wake(at: loop.now)
        connection = nil
        loop.runOnce()
        #expect(try pair.receiveAll() == "")
        #expect(recorder.events == [])
        pair.closeFar()
    }

    @Test func `what one connection gathers never leaves through another`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (one, other) = (try LoopbackPair(), try LoopbackPair())
        let first = Connection(descriptor: one.near, on: loop)
        let second = Connection(descriptor: other.near, on: loop)
        #expect(first.cork())
        first.write("first")
        #expect(!second.cork())
        second.write("second")
        first.write(" too")
        first.uncork()
        #expect(second.cork())
        second.uncork()
        first.close(lingering: false)
        second.close(lingering: false)
        #expect(try one.receiveAll() == "first too")
        #expect(try other.receiveAll() == "second")
    }
}
