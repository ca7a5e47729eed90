import EventLoop
import Glibc
import TestSupport

@testable import ChaosProxy

/// A socket without a system: a kernel that takes as much as it is told to, a peer that
/// acknowledges or does not, and whoever is told of each byte the moment it moves. It keeps the
/// promises of `Connection`: what an end loses, when the handler hears of it, how long a lingering
/// close lasts.
final class WitnessSocket: ByteStream {
    enum Event {
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

    struct Flags: OptionSet {
        let rawValue: UInt16
        static let finishing = Flags(rawValue: 1)
        static let closing = Flags(rawValue: 2)
        static let lingering = Flags(rawValue: 4)
        static let resetting = Flags(rawValue: 8)
        static let polite = Flags(rawValue: 16)
        static let closed = Flags(rawValue: 32)
        static let paused = Flags(rawValue: 64)
        static let readEnded = Flags(rawValue: 128)
        static let corked = Flags(rawValue: 256)
        static let finSent = Flags(rawValue: 512)
    }

    private static let acknowledgementWaits: [UInt64] = [1, 2, 4, 8, 16, 32, 64, 73]

    let clock: ManualClock
    private(set) var flags: Flags = []
    private var handler: ConnectionHandler?
    /// Everything that the session has written, in order.
    private(set) var written: [UInt8] = []
    private(set) var taken = 0
    private(set) var acknowledged = 0
    /// How much the kernel still takes.
    private(set) var room = Int.max
    /// Whether the peer acknowledges what the kernel has taken.
    private(set) var acknowledges = true
    /// The peer's RST is on its way: the next write fails.
    var isDead = false
    var peerHasGone: Bool? = false
    var peer: SocketAddress?
    private(set) var stalledSince: UInt64?
    /// When the session wants to be woken, and when the kernel does something of its own.
    var deadline: UInt64?
    private(set) var timer: UInt64?
    private var tally = 0
    private var gathered: [UInt8] = []
    private var dropped = 0
    private var incoming: [[UInt8]] = []
    private var endComes = false
    private weak var relayTarget: WitnessSocket?
    private weak var relaySource: WitnessSocket?
    /// Who sees everything.
    var onEvent: (Event) -> Void = { _ in }
    /// Runs when the callback under way is over.
    var afterCallback: (@escaping () -> Void) -> Void = { $0() }

    init(_ clock: ManualClock) {
        self.clock = clock
    }

    var isOpen: Bool { !flags.contains(.closed) }
    var isClosing: Bool { flags.contains(.closing) }
    /// What is gathered is with nobody's kernel either.
    var queuedBytes: Int { waitingBytes + gathered.count }
    private var waitingBytes: Int { written.count - taken }
    var unacknowledgedBytes: Int { isOpen ? taken - acknowledged : 0 }
    var hasIncoming: Bool { !incoming.isEmpty || endComes }
    func start(_ handler: ConnectionHandler) { self.handler = handler }

    // MARK: Writing

    func write(_ bytes: UnsafeRawBufferPointer) {
        guard flags.isDisjoint(with: [.closed, .finishing]) else { return drop(bytes.count) }
        guard bytes.count > 0 else { return }
        gathered += bytes
        if !flags.contains(.corked) { flush() }
    }

    func write(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) { write(bytes) }

    func write(file: Int32, offset: Int64, count: Int, owner: AnyObject) {
        var bytes = [UInt8](repeating: 0, count: count)
        _ = pread(file, &bytes, count, off_t(offset))
        bytes.withUnsafeBytes { write($0) }
    }

    func send(file: Int32, offset: Int64, count: Int) -> Int { 0 }

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

    func cork() -> Bool { flags.insert(.corked).inserted }

    func uncork() {
        flags.remove(.corked)
        if isOpen { flush() }
    }

    // MARK: Ends

    func finish() {
        guard flags.isDisjoint(with: [.closed, .finishing]) else { return }
        flush()
        flags.insert(.finishing)
        onEvent(.closes)
        if waitingBytes == 0 { sendEnd() }
    }

    func close(lingering: Bool) {
        end(lingering ? [.closing, .lingering] : .closing)
    }

    func resetInOrder() { end([.closing, .resetting, .paused]) }
    func closeWhenAcknowledged() { end([.closing, .resetting, .polite, .paused]) }

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

    func reset() {
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

    func pauseReading() { flags.insert(.paused) }

    func resumeReading() {
        if !flags.contains(.resetting) { flags.remove(.paused) }
    }

    func probe() {}

    func wake(at deadline: UInt64) {
        guard flags.isDisjoint(with: [.closed, .lingering, .resetting]) else { return }
        self.deadline = deadline
    }

    func relay(to target: WitnessSocket?) {
        relayTarget?.relaySource = nil
        relayTarget = target
        target?.relaySource = self
    }

    private func leaveRelay() {
        relaySource?.relayTarget = nil
        relayTarget?.relaySource = nil
        (relayTarget, relaySource) = (nil, nil)
    }

    // MARK: What the peer and the kernel do

    func peerSends(_ bytes: [UInt8]) {
        if isOpen, !bytes.isEmpty, !flags.contains(.readEnded) { incoming.append(bytes) }
    }

    func peerEnds() { if isOpen, !flags.contains(.readEnded) { endComes = true } }

    func peerResets() {
        guard isOpen else { return }
        onEvent(.hearsReset)
        release(.peerReset)
    }

    /// The peer takes so much more; nil: all that ever comes.
    func peerTakes(_ count: Int?) {
        guard isOpen else { return }
        room = count.map { room == .max ? $0 : room + $0 } ?? .max
        let wasQueued = waitingBytes > 0
        push()
        guard wasQueued, waitingBytes == 0 else { return }
        handler?.drained()
        onEvent(.turned(isRead: false))
        if flags.contains(.finishing) { sendEnd() }
    }

    /// The peer takes no more than this from now on.
    func peerStalls(after count: Int = 0) { room = count }

    func peerAcknowledges(_ does: Bool) {
        acknowledges = does
        if does { acknowledged = taken }
    }

    /// The kernel's own timer is due.
    func timerFires() {
        timer = nil
        if flags.contains(.lingering) { release(.fin) } else { resetWhenAcknowledged() }
    }

    /// The session's time has come.
    func wakes() {
        deadline = nil
        handler?.woke(at: clock.now)
        onEvent(.turned(isRead: false))
    }

    /// Reads one piece, or tells of the end.
    ///
    /// - Returns: whether there was anything.
    func deliver() -> Bool {
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
