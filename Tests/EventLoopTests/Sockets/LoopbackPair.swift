import Glibc
import Testing

@testable import EventLoop

/// Both ends of a TCP connection over loopback, with small buffers: little is needed to fill them.
struct LoopbackPair {
    /// Non-blocking, for a `Connection`, which closes it.
    let near: Int32
    /// Blocking, to be used by hand; a read gives up after ten seconds, so that no test hangs.
    let far: Int32

    struct Failure: Error { let errno: Int32 }

    init() throws {
        let listener = try Self.check(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        defer { Glibc.close(listener) }
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        _ = try Self.check(any.withSockaddr { bind(listener, $0, $1) })
        _ = try Self.check(listen(listener, 1))
        let address = try #require(SocketAddress.ask { getsockname(listener, $0, $1) })
        far = try Self.check(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        let far = far
        var room: Int32 = 16_384
        let roomSize = socklen_t(MemoryLayout<Int32>.size)
        _ = try Self.check(setsockopt(far, SOL_SOCKET, SO_RCVBUF, &room, roomSize))
        _ = try Self.check(address.withSockaddr { connect(far, $0, $1) })
        near = try Self.check(accept(listener, nil, nil))
        _ = try Self.check(fcntl(near, F_SETFL, O_NONBLOCK))
        _ = try Self.check(setsockopt(near, SOL_SOCKET, SO_SNDBUF, &room, roomSize))
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = try Self.check(setsockopt(far, SOL_SOCKET, SO_RCVTIMEO, &limit, size))
    }

    private static func check(_ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw Failure(errno: errno) }
        return result
    }

    /// Makes the far end non-blocking, for a connection of its own.
    func farForLoop() throws -> Int32 {
        _ = try Self.check(fcntl(far, F_SETFL, O_NONBLOCK))
        return far
    }

    func closeFar() { Glibc.close(far) }

    /// Closes the far end with RST.
    func resetFar() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(far, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(far)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Glibc.send(far, bytes, bytes.count, 0) == bytes.count)
    }

    /// What one `recv` brings: bytes, nothing at the FIN, or an error.
    func receive() -> Result<String, Failure> {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(far, &buffer, buffer.count, 0)
        guard count >= 0 else { return .failure(Failure(errno: errno)) }
        return .success(String(decoding: buffer[..<count], as: UTF8.self))
    }

    /// Everything up to the FIN.
    func receiveAll() throws -> String {
        var text = ""
        while true {
            let part = try receive().get()
            if part.isEmpty { return text }
            text += part
        }
    }
}

/// Keeps what a connection told it, in order.
final class Recorder: ConnectionHandler {
    enum Event: Equatable {
        case end, drained, woke, closed(ConnectionEnding)
    }

    private(set) var bytes: [UInt8] = []
    private(set) var events: [Event] = []
    /// What a relay has taken in.
    private(set) var relayedCount = 0
    var onBytes: () -> Void = {}
    var onEvent: (Event) -> Void = { _ in }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    override func received(_ bytes: UnsafeRawBufferPointer) {
        self.bytes += bytes
        onBytes()
    }

    override func relayed(_ count: Int) {
        relayedCount += count
        onBytes()
    }

    override func receivedEnd() { note(.end) }
    override func drained() { note(.drained) }
    override func woke(at now: UInt64) { note(.woke) }
    override func closed(_ ending: ConnectionEnding) { note(.closed(ending)) }

    private func note(_ event: Event) {
        events.append(event)
        onEvent(event)
    }
}

extension EventLoop {
    /// Runs until `stop()`; a loop that nothing stops fails its test instead of hanging it.
    func runGuarded(_ comment: Comment) {
        let timer = Timer(on: self) { [unowned self] in
            Issue.record("nothing stopped the loop: \(comment)")
            stop()
        }
        timer.schedule(after: 20_000_000_000)
        do { try run() } catch { Issue.record(error) }
        timer.cancel()
    }

    /// Runs until `condition` holds, which is asked again and again.
    func run(until comment: Comment, _ condition: () -> Bool) {
        let end = now + 20_000_000_000
        while !condition() {
            guard now < end else {
                Issue.record("it has never come: \(comment)")
                return
            }
            runOnce()
        }
    }

    /// Lets everything that is ready now be done. Tests end with it: what a connection leaves for
    /// after the callback must not outlive the loop.
    func runOnce() {
        let timer = Timer(on: self) { [unowned self] in stop() }
        timer.schedule(after: 0)
        do { try run() } catch { Issue.record(error) }
    }
}

extension Connection {
    func write(_ text: String) {
        Array(text.utf8).withUnsafeBytes { write($0) }
    }
}
