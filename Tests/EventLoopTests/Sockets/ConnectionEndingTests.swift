import Glibc
import Testing

@testable import EventLoop

struct ConnectionEndingTests {
    private func connection(
        _ loop: EventLoop
    ) throws -> (pair: LoopbackPair, connection: Connection, recorder: Recorder) {
        let pair = try LoopbackPair()
        let (connection, recorder) = (Connection(descriptor: pair.near, on: loop), Recorder())
        connection.start(recorder)
        return (pair, connection, recorder)
    }

    /// What comes until the error or the end.
    private func drain(_ pair: LoopbackPair) -> (text: String, errno: Int32?) {
        var text = ""
        while true {
            switch pair.receive() {
            case .success(""): return (text, nil)
            case .success(let part): text += part
            case .failure(let failure): return (text, failure.errno)
            }
        }
    }

    @Test func `a reset in order comes when everything before is acknowledged`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        pair.send("unread, which would make an RST of any close")
        connection.write("last words")
        connection.resetInOrder()
        connection.write("too late")
        loop.run(until: "the reset") { !connection.isOpen }
        loop.runOnce()
        #expect(recorder.events == [.closed(.rst)])
        #expect(recorder.bytes.isEmpty)
        #expect(connection.unacknowledgedBytes == 0)
        pair.closeFar()
    }

    @Test func `a reset in order waits for what is queued`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        let bytes = RelayPair.bytes(0..<500_000)
        bytes.withUnsafeBytes { connection.write($0) }
        connection.resetInOrder()
        connection.resumeReading()
        pair.send("not heard any more")
        shutdown(pair.far, Int32(SHUT_WR))
        #expect(connection.isOpen && connection.queuedBytes > 0)
        var (buffer, read) = ([UInt8](repeating: 0, count: 65_536), [UInt8]())
        loop.run(until: "the last byte") {
            let count = recv(pair.far, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { read += buffer[..<count] }
            return read.count == bytes.count
        }
        let isEqual = read == bytes
        #expect(isEqual)
        loop.run(until: "the reset") { !connection.isOpen }
        loop.runOnce()
        #expect(recorder.events == [.drained, .closed(.rst)])
        let (rest, error) = drain(pair)
        #expect(rest == "" && error == ECONNRESET)
        #expect(recorder.bytes.isEmpty)
        pair.closeFar()
    }

    /// The peer's window is full: what is left cannot be acknowledged.
    @Test func `a peer that does not read gets its RST all the same`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        let piece = [UInt8](repeating: 1, count: 512)
        while connection.queuedBytes == 0 { piece.withUnsafeBytes { connection.write($0) } }
        // Take the queue away from it by reading, but not what the kernel holds.
        var buffer = [UInt8](repeating: 0, count: 4096)
        loop.run(until: "an empty queue") {
            if connection.queuedBytes > 0 {
                _ = recv(pair.far, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            }
            return connection.queuedBytes == 0
        }
        let start = loop.now
        let isBehind = connection.unacknowledgedBytes > 0
        connection.resetInOrder()
        loop.run(until: "the reset") { !connection.isOpen }
        loop.runOnce()
        #expect(recorder.events.last == .closed(.rst))
        if isBehind { #expect(loop.now > start) }
        pair.closeFar()
    }

    @Test func `a reset does not wait for one that waits`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        let bytes = RelayPair.bytes(0..<500_000)
        bytes.withUnsafeBytes { connection.write($0) }
        connection.resetInOrder()
        connection.resetInOrder()
        connection.close(lingering: true)
        connection.wake(at: 0)
        #expect(connection.isOpen)
        connection.reset()
        #expect(!connection.isOpen)
        loop.runOnce()
        #expect(recorder.events == [.closed(.rst)])
        pair.closeFar()
    }

    @Test func `what the peer has not acknowledged is counted`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        #expect(connection.unacknowledgedBytes == 0)
        let bytes = RelayPair.bytes(0..<500_000)
        bytes.withUnsafeBytes { connection.write($0) }
        #expect(connection.unacknowledgedBytes > 0)
        #expect(connection.unacknowledgedBytes + connection.queuedBytes <= bytes.count)
        connection.reset()
        #expect(connection.unacknowledgedBytes == 0)
        loop.runOnce()
        #expect(recorder.events == [.closed(.rst)])
        pair.closeFar()
    }

    // MARK: The peer's RST

    @Test func `a reset after the peer's end is noticed at once`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        shutdown(pair.far, Int32(SHUT_WR))
        loop.run(until: "the end") { recorder.events == [.end] }
        // What it has not read makes an RST of the peer's close.
        connection.write("unread")
        loop.runOnce()
        #expect(recorder.events == [.end])
        pair.resetFar()
        loop.run(until: "the reset") { !connection.isOpen }
        loop.runOnce()
        #expect(recorder.events == [.end, .closed(.peerReset)])
    }

    @Test func `a reset after the peer's end is noticed while output is queued`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        shutdown(pair.far, Int32(SHUT_WR))
        loop.run(until: "the end") { recorder.events == [.end] }
        let bytes = RelayPair.bytes(0..<500_000)
        bytes.withUnsafeBytes { connection.write($0) }
        #expect(connection.queuedBytes > 0)
        pair.resetFar()
        loop.run(until: "the reset") { !connection.isOpen }
        loop.runOnce()
        #expect(recorder.events == [.end, .closed(.peerReset)])
    }

    @Test func `a reset while reading is paused is noticed at once`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        connection.pauseReading()
        pair.resetFar()
        loop.run(until: "the reset") { !connection.isOpen }
        loop.runOnce()
        #expect(recorder.events == [.closed(.peerReset)])
    }

    @Test func `bytes that wait while reading is paused do not keep the loop busy`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        connection.pauseReading()
        #expect(Glibc.write(pair.far, "waits", 5) == 5)
        for _ in 0..<3 { loop.runOnce() }
        #expect(recorder.events == [])
        connection.resumeReading()
        loop.run(until: "the bytes") { recorder.text == "waits" }
    }

    @Test func `a half-closed connection goes on writing until its own end`() throws {
        let loop = try EventLoop()
        defer { loop.runOnce() }
        let (pair, connection, recorder) = try connection(loop)
        shutdown(pair.far, Int32(SHUT_WR))
        loop.run(until: "the end") { recorder.events == [.end] }
        for _ in 0..<3 { loop.runOnce() }
        connection.write("still writes")
        #expect(try pair.receive().get() == "still writes")
        connection.finish()
        #expect(try pair.receive().get() == "")
        loop.runOnce()
        #expect(recorder.events == [.end] && connection.isOpen)
        pair.closeFar()
    }
}
