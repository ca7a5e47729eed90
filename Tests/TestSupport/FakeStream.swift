public import ChaosProxy
public import EventLoop
import Glibc

/// A stream without a socket: keeps what was written and what was asked for, in order.
public final class FakeStream: ByteStream {
    /// What a session asked of the stream, beside writing.
    public enum Call: Equatable, Sendable {
        case finish
        case close(lingering: Bool)
        case reset
        case resetInOrder
        case pause
        case resume
        case cork
        case uncork
        /// Whether to another stream or no more.
        case relay(Bool)
    }

    public private(set) var output: [UInt8] = []
    /// How long each single write was.
    public private(set) var writes: [Int] = []
    public private(set) var calls: [Call] = []
    /// The instant asked for last that has not come yet.
    public var deadline: UInt64?
    /// How many bytes of a file are taken at once by `send`.
    public var sendLimit = Int.max

    public private(set) var isOpen = true
    public private(set) var isReading = true
    public var queuedBytes = 0
    public var stalledSince: UInt64?
    public var peer: SocketAddress?
    private var isCorked = false

    public init() {}

    public var text: String { String(decoding: output, as: UTF8.self) }

    /// What was asked for but what changes no byte.
    public var endings: [Call] {
        calls.filter { $0 != .cork && $0 != .uncork && $0 != .relay(true) && $0 != .relay(false) }
    }
    /// Where what this stream brings goes straight to.
    public private(set) var relayTarget: FakeStream?

    /// Takes out what has been written so far.
    public func take() -> String {
        defer { output = [] }
        return text
    }

    private func append(_ bytes: some Collection<UInt8>) {
        precondition(isOpen, "a session writes to a closed stream")
        output += bytes
        writes.append(bytes.count)
    }

    public func write(_ bytes: UnsafeRawBufferPointer) { append(bytes) }

    public func write(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) { append(bytes) }

    public func write(file: Int32, offset: Int64, count: Int, owner: AnyObject) {
        append(read(file, offset, count))
    }

    public func send(file: Int32, offset: Int64, count: Int) -> Int {
        let sent = queuedBytes == 0 ? min(count, sendLimit) : 0
        append(read(file, offset, sent))
        return sent
    }

    private func read(_ file: Int32, _ offset: Int64, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(file, &bytes, count, off_t(offset))
        precondition(got == count, "a file is shorter than what is to be sent of it")
        return bytes
    }

    public func cork() -> Bool {
        guard !isCorked else { return false }
        isCorked = true
        calls.append(.cork)
        return true
    }

    public func uncork() {
        precondition(isCorked, "uncork without cork")
        isCorked = false
        calls.append(.uncork)
    }

    public func start(_ handler: ConnectionHandler) {}

    public func relay(to target: FakeStream?) {
        relayTarget = target
        calls.append(.relay(target != nil))
    }

    public func finish() { calls.append(.finish) }

    public func resetInOrder() {
        guard isOpen else { return }
        isOpen = false
        deadline = nil
        calls.append(.resetInOrder)
    }

    public func close(lingering: Bool) {
        guard isOpen else { return }
        isOpen = false
        deadline = nil
        calls.append(.close(lingering: lingering))
    }

    public func reset() {
        guard isOpen else { return }
        isOpen = false
        deadline = nil
        calls.append(.reset)
    }

    public func pauseReading() {
        guard isReading else { return }
        isReading = false
        calls.append(.pause)
    }

    public func resumeReading() {
        guard !isReading else { return }
        isReading = true
        calls.append(.resume)
    }

    public func wake(at deadline: UInt64) { self.deadline = deadline }
}
