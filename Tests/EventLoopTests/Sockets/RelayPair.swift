import Glibc
import Testing

@testable import EventLoop

/// What a proxy is: `near` and `onward` are its two connections, relaying in both directions
/// between a client and a backend, which are used by hand.
struct RelayPair {
    let loop: EventLoop
    let client: LoopbackPair
    let backend: LoopbackPair
    let near: Connection
    let onward: Connection
    let nearRecorder = Recorder()
    let onwardRecorder = Recorder()

    init(_ loop: EventLoop) throws {
        self.loop = loop
        client = try LoopbackPair()
        backend = try LoopbackPair()
        near = Connection(descriptor: client.near, on: loop)
        onward = Connection(descriptor: backend.near, on: loop)
        near.start(nearRecorder)
        onward.start(onwardRecorder)
        near.relay(to: onward)
        onward.relay(to: near)
    }

    func closeFar() {
        // They may hold this pair.
        for recorder in [nearRecorder, onwardRecorder] { recorder.onEvent = { _ in } }
        client.closeFar()
        backend.closeFar()
    }

    /// Byte `index` of everything that is sent through relays here: a prime period shows every gap
    /// and every exchange.
    static let period: [UInt8] = {
        var state: UInt32 = 1
        return (0..<65_537).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }()

    private static let twice = period + period

    static func bytes(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        while bytes.count < range.count {
            let start = (range.lowerBound + bytes.count) % period.count
            bytes += twice[start..<start + min(period.count, range.count - bytes.count)]
        }
        return bytes
    }

    /// Whether `bytes` are what is sent from byte `start` on.
    static func matches(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var done = 0
        while done < bytes.count {
            let first = (start + done) % period.count
            let count = min(period.count, bytes.count - done)
            let isEqual = twice[first..<first + count].withUnsafeBytes { expected in
                guard let mine = bytes.baseAddress, let theirs = expected.baseAddress else {
                    return false
                }
                return memcmp(mine + done, theirs, count) == 0
            }
            guard isEqual else { return false }
            done += count
        }
        return true
    }

    /// Sends from the client what the kernel takes, beginning with byte `start`.
    func send(from start: Int, upTo count: Int = period.count) -> Int {
        let first = start % Self.period.count
        return Self.twice[first..<first + count].withUnsafeBytes {
            max(0, Glibc.send(client.far, $0.baseAddress, count, Int32(MSG_DONTWAIT)))
        }
    }

    /// What the backend can read now.
    func received() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(backend.far, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return Array(buffer[..<max(0, count)])
    }

    /// Sends until a pipe holds bytes that the backend does not read.
    ///
    /// - Returns: how much was sent, and what the backend has read so far.
    func fillPipe() -> (sent: Int, read: [UInt8]) {
        var (sent, read) = (0, [UInt8]())
        loop.run(until: "a pipe with bytes in it") {
            if onward.flags.contains(.pipeWaits) { return true }
            sent += send(from: sent)
            if onward.output != nil || near.flags.contains(.held) { read += received() }
            return false
        }
        return (sent, read)
    }

    /// Reads until the backend has `count` bytes in all.
    func readOn(_ read: inout [UInt8], to count: Int) {
        loop.run(until: "the rest") {
            read += received()
            return read.count >= count
        }
    }
}
