public import ChaosProxy
public import EventLoop
import Glibc

/// A stream without a socket: keeps what was written and what was asked for, in order.
public final class FakeStream: ByteStream {
    /// What a session asked of the stream, beside writing.
    public enum Call: Equatable, Sendable {
        case finish
        case close(lingering: Bool)
        case closeWhenAcknowledged
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
    public var unacknowledgedBytes = 0
    public var stalledSince: UInt64?
    /// What the kernel would say of a peer that has sent its FIN.
    public var peerHasGone: Bool? = false
    public var peer: SocketAddress?
    private var isCorked = false
    private var handler: ConnectionHandler?
    /// What has come and is not read yet.
    private var incoming: [Incoming] = []
    /// How it has ended, until the handler has been told.
    private var ending: ConnectionEnding?
    private var hasEnded = false
    private var hasFinished = false
    private var isClosing = false
    /// Whether a close leaves it open until `peerIsGone`, as one does that lingers or still sends.
    public var closesLate = false
    /// How many bytes were written behind our own FIN or close: a real stream drops them.
    public private(set) var lostBytes = 0

    private enum Incoming: Equatable {
        case bytes([UInt8])
        case end
    }

    public init() {}

    public var text: String { String(decoding: output, as: UTF8.self) }

    /// What was asked for but what changes no byte.
    public var endings: [Call] {
        calls.filter { $0 != .cork && $0 != .uncork && $0 != .relay(true) && $0 != .relay(false) }
    }
    /// Where what this stream brings goes straight to.
    public private(set) weak var relayTarget: FakeStream?
    private weak var relaySource: FakeStream?

    /// Takes out what has been written so far.
    public func take() -> String {
        defer { output = [] }
        return text
    }

    private func append(_ bytes: some Collection<UInt8>) {
        precondition(isOpen, "a session writes to a closed stream")
        guard !hasFinished, !isClosing else { return lostBytes += bytes.count }
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

    public func start(_ handler: ConnectionHandler) { self.handler = handler }

    public func relay(to target: FakeStream?) {
        relayTarget?.relaySource = nil
        relayTarget = target
        target?.relaySource = self
        calls.append(.relay(target != nil))
    }

    public func finish() {
        calls.append(.finish)
        hasFinished = true
    }

    public func resetInOrder() {
        guard isOpen, !isClosing else { return }
        calls.append(.resetInOrder)
        end(.rst, late: closesLate)
    }

    public func closeWhenAcknowledged() {
        guard isOpen, !isClosing else { return }
        calls.append(.closeWhenAcknowledged)
        end(.fin, late: closesLate)
    }

    public func close(lingering: Bool) {
        guard isOpen, !isClosing else { return }
        calls.append(.close(lingering: lingering))
        end(.fin, late: closesLate)
    }

    public func reset() {
        guard isOpen else { return }
        calls.append(.reset)
        end(.rst)
    }

    private func end(_ ending: ConnectionEnding, late: Bool = false) {
        deadline = nil
        leaveRelay()
        isClosing = true
        incoming = []
        self.ending = ending
        isOpen = late
    }

    /// Both directions of a relay end with one of the two.
    private func leaveRelay() {
        if let target = relayTarget, target.relayTarget === self { target.relayTarget = nil }
        relaySource?.relayTarget = nil
        relayTarget?.relaySource = nil
        (relayTarget, relaySource) = (nil, nil)
    }

    public func probe() {}

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

    public func wake(at deadline: UInt64) {
        guard isOpen, !isClosing else { return }
        self.deadline = deadline
    }
}

// MARK: What the peer does, for sessions that were given to `start`

extension FakeStream {
    /// The peer sends bytes. They are read by `deliver`.
    public func peerSends(_ bytes: [UInt8]) {
        guard isOpen, !isClosing, !hasEnded, !bytes.isEmpty else { return }
        incoming.append(.bytes(bytes))
    }

    /// The peer's FIN.
    public func peerEnds() {
        guard isOpen, !hasEnded else { return }
        hasEnded = true
        if !isClosing { incoming.append(.end) }
    }

    /// The peer's RST: what it had sent before is lost if it was not read yet.
    public func peerResets() {
        guard isOpen else { return }
        end(.peerReset)
    }

    /// The peer has everything, and the descriptor of a stream that closes late goes.
    public func peerIsGone() {
        guard isClosing else { return }
        isOpen = false
    }

    /// Whether bytes of the peer wait to be read.
    public var hasIncoming: Bool { !incoming.isEmpty }

    /// Reads one piece, or tells of the end.
    ///
    /// - Returns: whether there was anything that may be read.
    public func deliver() -> Bool {
        if !isOpen, let ending, let told = handler {
            (self.ending, handler) = (nil, nil)
            told.closed(ending)
            return true
        }
        guard isOpen, let handler, let next = incoming.first else { return false }
        // A FIN is noticed also while nothing is read, if nothing unread lies before it.
        if !isReading, relayTarget != nil || next != .end { return false }
        if let target = relayTarget, target.queuedBytes > 0 { return false }
        incoming.removeFirst()
        switch next {
        case .end: handler.receivedEnd()
        case .bytes(let bytes): read(bytes, handler)
        }
        return true
    }

    private func read(_ bytes: [UInt8], _ handler: ConnectionHandler) {
        guard let target = relayTarget else { return bytes.withUnsafeBytes(handler.received) }
        if target.isOpen { target.append(bytes) }
        handler.relayed(bytes.count)
    }
}
