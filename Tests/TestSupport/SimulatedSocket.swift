public import ChaosProxy
public import EventLoop
import Glibc

/// A socket without a system: a kernel that takes as much as it is told to, a peer that
/// acknowledges or does not, and whoever is told of each byte the moment it moves. It keeps the
/// promises of `Connection`: what an end loses, when the handler hears of it, how long a lingering
/// close lasts.
public final class SimulatedSocket: ByteStream {
    public enum Event {
        /// So many bytes of the peer are about to be read; its FIN, its RST is about to be heard.
        case delivers(Int), hearsEnd, hearsReset
        /// The session has written so many bytes; the kernel has taken some; it refuses them.
        case wrote(Int), took, tries
        /// Our end is asked for; it is on the wire.
        case closes, fin, rst
        /// The session has had its turn: something was read, or it was woken.
        case turned(isRead: Bool)
        /// The descriptor is gone.
        case released
    }

    public struct Flags: OptionSet, Sendable {
        public let rawValue: UInt16
        public static let finishing = Flags(rawValue: 1)
        public static let closing = Flags(rawValue: 2)
        public static let lingering = Flags(rawValue: 4)
        public static let resetting = Flags(rawValue: 8)
        public static let polite = Flags(rawValue: 16)
        public static let closed = Flags(rawValue: 32)
        public static let paused = Flags(rawValue: 64)
        public static let readEnded = Flags(rawValue: 128)
        public static let corked = Flags(rawValue: 256)
        public static let finSent = Flags(rawValue: 512)

        public init(rawValue: UInt16) { self.rawValue = rawValue }
    }

    private static let acknowledgementWaits: [UInt64] = [1, 2, 4, 8, 16, 32, 64, 73]

    public let clock: ManualClock
    public private(set) var flags: Flags = []
    private var handler: ConnectionHandler?
    /// Who was given to `start`, as long as it exists.
    public private(set) weak var session: ConnectionHandler?
    /// Everything that the session has written, in order.
    public private(set) var written: [UInt8] = []
    public private(set) var taken = 0
    public private(set) var acknowledged = 0
    /// How much the kernel still takes.
    public private(set) var room = Int.max
    /// Whether the peer acknowledges what the kernel has taken.
    public private(set) var acknowledges = true
    /// The peer's RST is on its way: the next write fails.
    public var isDead = false
    public var peerHasGone: Bool? = false
    public var peer: SocketAddress?
    public private(set) var stalledSince: UInt64?
    /// When the session wants to be woken, and when the kernel does something of its own.
    public var deadline: UInt64? { didSet { if let deadline { onAlarm(deadline) } } }
    public private(set) var timer: UInt64? { didSet { if let timer { onAlarm(timer) } } }
    private var tally = 0
    private var gathered: [UInt8] = []
    private var dropped = 0
    private var incoming: [[UInt8]] = []
    private var endComes = false
    private weak var relayTarget: SimulatedSocket?
    private weak var relaySource: SimulatedSocket?
    /// Hears of instants at which `deadline` or `timer` is due, for whoever does not ask for them.
    public var onAlarm: (UInt64) -> Void = { _ in }
    /// Hears that `deliver` may have something to do again.
    public var onReady: () -> Void = {}
    /// Who sees everything.
    public var onEvent: (Event) -> Void = { _ in }
    /// Runs when the callback under way is over.
    public var afterCallback: (@escaping () -> Void) -> Void = { $0() }

    public init(_ clock: ManualClock) {
        self.clock = clock
    }

    public var isOpen: Bool { !flags.contains(.closed) }
    public var isClosing: Bool { flags.contains(.closing) }
    /// What is gathered is with nobody's kernel either.
    public var queuedBytes: Int { waitingBytes + gathered.count }
    private var waitingBytes: Int { written.count - taken }
    public var unacknowledgedBytes: Int { isOpen ? taken - acknowledged : 0 }
    public var hasIncoming: Bool { !incoming.isEmpty || endComes }

    public func start(_ handler: ConnectionHandler) {
        (self.handler, session) = (handler, handler)
    }

    // MARK: Writing

    public func write(_ bytes: UnsafeRawBufferPointer) {
        guard flags.isDisjoint(with: [.closed, .finishing]) else { return drop(bytes.count) }
        guard bytes.count > 0 else { return }
        gathered += bytes
        if !flags.contains(.corked) { flush() }
    }

    public func write(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) { write(bytes) }

    public func write(file: Int32, offset: Int64, count: Int, owner: AnyObject) {
        var bytes = [UInt8](repeating: 0, count: count)
        _ = pread(file, &bytes, count, off_t(offset))
        bytes.withUnsafeBytes { write($0) }
    }

    public func send(file: Int32, offset: Int64, count: Int) -> Int { 0 }

    private func drop(_ count: Int) {
        if flags.contains(.closed), handler != nil { dropped += count }
    }

    private func flush() {
        guard !gathered.isEmpty else { return }
        let bytes = gathered
        gathered = []
        if isDead, waitingBytes == 0 {
            onEvent(.tries)
            onEvent(.hearsReset)
            release(.peerReset)
            return drop(bytes.count)
        }
        written += bytes
        onEvent(.wrote(bytes.count))
        push()
    }

    /// The kernel takes what it has room for.
    private func push() {
        let count = min(waitingBytes, room)
        taken += count
        if room != .max { room -= count }
        if acknowledges { acknowledged = taken }
        if count > 0 || stalledSince == nil { stalledSince = clock.now }
        if waitingBytes == 0 { stalledSince = nil }
        if count > 0 { onEvent(.took) }
    }

    public func cork() -> Bool { flags.insert(.corked).inserted }

    public func uncork() {
        flags.remove(.corked)
        if isOpen { flush() }
    }

    // MARK: Ends

    public func finish() {
        guard flags.isDisjoint(with: [.closed, .finishing]) else { return }
        flush()
        flags.insert(.finishing)
        onEvent(.closes)
        if waitingBytes == 0 { sendEnd() }
    }

    public func close(lingering: Bool) {
        end(lingering ? [.closing, .lingering] : .closing)
    }

    public func resetInOrder() { end([.closing, .resetting, .paused]) }
    public func closeWhenAcknowledged() { end([.closing, .resetting, .polite, .paused]) }

    private func end(_ how: Flags) {
        guard isOpen, !flags.contains(.closing) else { return }
        leaveRelay()
        flush()
        guard isOpen else { return }
        flags.formUnion(how.union(.finishing))
        deadline = nil
        onEvent(.closes)
        if waitingBytes == 0 { sendEnd() }
    }

    public func reset() {
        guard isOpen else { return }
        onEvent(.rst)
        release(.rst)
    }

    private func sendEnd() {
        guard isOpen else { return }
        if flags.contains(.resetting) { return resetWhenAcknowledged() }
        if flags.insert(.finSent).inserted { onEvent(.fin) }
        guard flags.contains(.closing) else { return }
        guard flags.contains(.lingering), !flags.contains(.readEnded) else { return release(.fin) }
        timer = clock.now + 2_000_000_000
        flags.remove(.paused)
        if hasIncoming { onReady() }
    }

    private func resetWhenAcknowledged() {
        guard tally < Self.acknowledgementWaits.count, unacknowledgedBytes > 0 else {
            guard flags.contains(.polite) else { return reset() }
            if flags.insert(.finSent).inserted { onEvent(.fin) }
            return release(.fin)
        }
        timer = clock.now + Self.acknowledgementWaits[tally] * 1_000_000
        tally += 1
    }

    private func release(_ ending: ConnectionEnding) {
        guard isOpen else { return }
        let (queued, unacknowledged) =
            ending == .fin ? (0, 0) : (waitingBytes, unacknowledgedBytes)
        leaveRelay()
        flags.insert(.closed)
        (deadline, timer, incoming, endComes) = (nil, nil, [], false)
        onEvent(.released)
        guard let handler else { return }
        afterCallback { [self] in
            self.handler = nil
            let untaken = queued + (ending == .fin ? 0 : dropped)
            let all = untaken + unacknowledged
            if all > 0 { handler.lost(all, untaken: untaken) }
            handler.closed(ending)
        }
    }

    // MARK: Reading

    public func pauseReading() { flags.insert(.paused) }

    public func resumeReading() {
        guard flags.contains(.paused), !flags.contains(.resetting) else { return }
        flags.remove(.paused)
        if hasIncoming { onReady() }
    }

    public func probe() {}

    public func wake(at deadline: UInt64) {
        guard flags.isDisjoint(with: [.closed, .lingering, .resetting]) else { return }
        self.deadline = deadline
    }

    public func relay(to target: SimulatedSocket?) {
        relayTarget?.relaySource = nil
        relayTarget = target
        target?.relaySource = self
        if hasIncoming { onReady() }
    }

    private func leaveRelay() {
        relaySource?.relayTarget = nil
        relayTarget?.relaySource = nil
        (relayTarget, relaySource) = (nil, nil)
    }

    // MARK: What the peer and the kernel do

    public func peerSends(_ bytes: [UInt8]) {
        guard isOpen, !bytes.isEmpty, !flags.contains(.readEnded) else { return }
        incoming.append(bytes)
        onReady()
    }

    public func peerEnds() {
        guard isOpen, !flags.contains(.readEnded) else { return }
        endComes = true
        onReady()
    }

    public func peerResets() {
        guard isOpen else { return }
        onEvent(.hearsReset)
        release(.peerReset)
    }

    /// The peer takes so much more; nil: all that ever comes.
    public func peerTakes(_ count: Int?) {
        guard isOpen else { return }
        room = count.map { room == .max ? $0 : room + $0 } ?? .max
        let wasQueued = waitingBytes > 0
        push()
        guard wasQueued, waitingBytes == 0 else { return }
        relaySource?.onReady()
        handler?.drained()
        onEvent(.turned(isRead: false))
        if flags.contains(.finishing) { sendEnd() }
    }

    /// The peer takes no more than this from now on.
    public func peerStalls(after count: Int = 0) { room = count }

    public func peerAcknowledges(_ does: Bool) {
        acknowledges = does
        if does { acknowledged = taken }
    }

    /// The kernel's own timer is due.
    public func timerFires() {
        timer = nil
        if flags.contains(.lingering) { release(.fin) } else { resetWhenAcknowledged() }
    }

    /// The session's time has come.
    public func wakes() {
        deadline = nil
        handler?.woke(at: clock.now)
        onEvent(.turned(isRead: false))
    }

    /// Reads one piece, or tells of the end.
    ///
    /// - Returns: whether there was anything.
    public func deliver() -> Bool {
        guard isOpen, !flags.contains(.readEnded) else { return false }
        if incoming.isEmpty { return deliverEnd() }
        if flags.contains(.paused) || (relayTarget?.queuedBytes ?? 0) > 0 { return false }
        let bytes = incoming.removeFirst()
        if flags.contains(.closing) { return true }
        guard let handler else { return false }
        onEvent(.delivers(bytes.count))
        guard let target = relayTarget else {
            bytes.withUnsafeBytes(handler.received)
            onEvent(.turned(isRead: true))
            return true
        }
        bytes.withUnsafeBytes { target.write($0) }
        handler.relayed(bytes.count)
        return true
    }

    private func deliverEnd() -> Bool {
        guard endComes, relayTarget == nil || (relayTarget?.queuedBytes ?? 0) == 0 else {
            return false
        }
        endComes = false
        flags.insert(.readEnded)
        if flags.contains(.closing) {
            if waitingBytes == 0, !flags.contains(.resetting) { release(.fin) }
        } else {
            onEvent(.hearsEnd)
            handler?.receivedEnd()
            onEvent(.turned(isRead: true))
        }
        return true
    }
}
