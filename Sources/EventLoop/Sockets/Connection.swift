internal import CLibevent
import Glibc

/// One TCP connection: reads as bytes come, writes at once what the kernel takes and queues the
/// rest in order.
///
/// Borrowed lifetime: libevent holds an unretained pointer to this object until the descriptor is
/// closed, which `deinit` does at the latest. Loop thread only.
public final class Connection: Wakeable {
    struct Flags: OptionSet {
        let rawValue: UInt16
        static let readPaused = Flags(rawValue: 1)
        static let readEnded = Flags(rawValue: 2)
        /// FIN follows what is queued; nothing more may be written.
        static let finishing = Flags(rawValue: 4)
        /// What the peer still sends is thrown away.
        static let closing = Flags(rawValue: 8)
        /// The FIN goes first and the descriptor stays until the peer's FIN.
        static let lingering = Flags(rawValue: 16)
        static let closed = Flags(rawValue: 32)
        static let corked = Flags(rawValue: 64)
        static let registered = Flags(rawValue: 128)
        /// RST follows when the kernel has nothing left to send; the peer is heard no more.
        static let resetting = Flags(rawValue: 256)
        /// What comes goes to the partner.
        static let relaying = Flags(rawValue: 512)
        /// What comes to the partner goes to us.
        static let relayTarget = Flags(rawValue: 1024)
        /// The relay uses splice(2).
        static let bulk = Flags(rawValue: 2048)
        /// Not read until the target of the relay has drained.
        static let held = Flags(rawValue: 4096)
        /// The partner's pipe holds bytes for us; nothing else is queued then.
        static let pipeWaits = Flags(rawValue: 8192)
        /// Probes have been asked for.
        static let probed = Flags(rawValue: 16384)
        /// FIN, not RST, when the kernel has nothing left to send.
        static let polite = Flags(rawValue: 32768)
    }

    var flags: Flags = []
    /// The pipe that holds bytes of our relay, as the loop's pool counts them; 0 for none.
    var pipeNumber: UInt8 = 0
    /// Short splices in a row; while resetting, how often the kernel was asked what it has left.
    var tally: UInt8 = 0
    unowned(unsafe) var handler: ConnectionHandler?
    private let event: UnsafeMutablePointer<event>
    var output: OutputQueue?
    /// The other end of a relay, in either direction. Borrowed: whichever closes first undoes it.
    unowned(unsafe) var partner: Connection?

    /// - Parameter descriptor: a connected, non-blocking socket; this object closes it.
    public init(descriptor: Int32, on loop: EventLoop) {
        event = loop.takeEvent()
        super.init()
        loop.assign(event, descriptor, 0, nil, Self.dispatch)
    }

    deinit {
        if isOpen { release() }
        loop.giveBack(event)
    }

    /// Begins to read. `handler` must live until it has heard `closed`, or own this connection.
    public func start(_ handler: ConnectionHandler) {
        loop.assertOnThread()
        self.handler = handler
        updateInterest()
    }

    /// Borrowed.
    @inline(__always)
    var loop: EventLoop { EventSlabs.loop(of: event).takeUnretainedValue() }

    /// Kept in the event alone: four bytes less in each of thousands of connections.
    var descriptor: Int32 { event.pointee.ev_fd }

    public var isOpen: Bool { !flags.contains(.closed) }
    /// Who is at the other end; nil once it has gone.
    public var peer: SocketAddress? { SocketAddress.ask { getpeername(descriptor, $0, $1) } }

    /// Asks for `woke` at an instant of monotonic nanoseconds; a later call moves it.
    public func wake(at deadline: UInt64) {
        guard flags.isDisjoint(with: [.closed, .lingering, .resetting]) else { return }
        loop.schedule(self, at: deadline)
    }

    override func due(at now: UInt64) {
        guard flags.isDisjoint(with: [.lingering, .resetting]) else { return endDue() }
        handler?.woke(at: now)
    }

    /// Whether bytes or the peer's end wait to be read.
    public var hasUnread: Bool {
        var byte: UInt8 = 0
        return isOpen && recv(descriptor, &byte, 1, Int32(MSG_PEEK)) >= 0
    }

    // MARK: Reading

    public func pauseReading() {
        guard flags.insert(.readPaused).inserted else { return }
        updateInterest()
    }

    public func resumeReading() {
        guard !flags.contains(.resetting), flags.remove(.readPaused) != nil else { return }
        updateInterest()
    }

    private func readable() {
        guard flags.isDisjoint(with: [.readEnded, .readPaused, .held]) else {
            return watchedForEnd()
        }
        guard !flags.contains(.relaying) else { return relayReadable() }
        let buffer = loop.readBuffer
        let count = retryingInterrupts { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
        if count > 0 {
            guard !flags.contains(.closing) else { return }
            handler?.received(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        } else if count == 0 {
            peerFinished()
        } else if errno != EAGAIN {
            fail(errno)
        }
    }

    func peerFinished() {
        flags.insert(.readEnded)
        if !flags.contains(.closing) {
            handler?.receivedEnd()
        } else if output == nil {
            release(.fin)
        }
        updateInterest()
    }

    /// To be called now and then while a session goes on after the peer's FIN.
    ///
    /// A peer that has only half-closed acknowledges for ever; one that is gone answers a probe
    /// with RST as soon as its kernel has forgotten the connection (tcp(7), tcp_fin_timeout).
    public func probe() {
        guard flags.contains(.readEnded), flags.isDisjoint(with: [.closed, .closing, .probed])
        else { return }
        flags.insert(.probed)
        var (on, seconds): (Int32, Int32) = (1, 20)
        let size = socklen_t(MemoryLayout<Int32>.size)
        var results = [setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)]
        for option in [TCP_KEEPIDLE, TCP_KEEPINTVL] {
            results.append(setsockopt(descriptor, Int32(IPPROTO_TCP), option, &seconds, size))
        }
        // The next call tries again.
        if results.contains(where: { $0 != 0 }) { flags.remove(.probed) }
    }

    /// While nothing is to be read, the peer's end is what matters. `recv` does not tell of an RST
    /// after a FIN (SOCK_DONE comes first).
    private func watchedForEnd() {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 { error = errno }
        if error != 0 { return fail(error) }
        guard flags.isDisjoint(with: [.readEnded, .held, .relaying, .closing]) else { return }
        var byte: UInt8 = 0
        if recv(descriptor, &byte, 1, Int32(MSG_PEEK)) == 0 { peerFinished() }
    }

    // MARK: libevent

    func updateInterest() {
        guard isOpen else { return }
        let wanted = wantedEvents
        if flags.contains(.registered) {
            guard event.pointee.ev_events != wanted else { return }
            unregister()
        }
        guard wanted != 0 else { return }
        let descriptor = descriptor
        loop.assign(
            event, descriptor, Int32(wanted), Unmanaged.passUnretained(self).toOpaque(),
            Self.dispatch)
        let error = loop.add(event)
        guard error == 0 else { return fail(error) }
        flags.insert(.registered)
    }

    private var wantedEvents: Int16 {
        var wanted: Int32 = 0
        if flags.isDisjoint(with: [.readPaused, .readEnded, .held]) { wanted |= EV_READ }
        if output != nil || flags.contains(.pipeWaits) { wanted |= EV_WRITE }
        // A FIN, and bytes that have to wait, stay readable for ever. Edge-triggered they are told
        // once, and then the peer's RST.
        if wanted == 0 { wanted = EV_READ | EV_ET }
        return wanted == 0 ? 0 : Int16(wanted | EV_PERSIST)
    }

    func unregister() {
        if flags.remove(.registered) != nil { loop.remove(event) }
    }

    private static let dispatch: event_callback_fn = { _, what, context in
        guard let context else { return }
        let connection = Unmanaged<Connection>.fromOpaque(context)
        let loop = connection._withUnsafeGuaranteedRef { EventSlabs.loop(of: $0.event) }
        connection._withUnsafeGuaranteedRef { $0.ready(Int32(what)) }
        // What was deferred may let go of the connection, and of its event.
        loop._withUnsafeGuaranteedRef {
            $0.runDeferred()
            $0.callTimersIfLate()
        }
    }

    @inline(__always)
    private func ready(_ what: Int32) {
        if what & EV_READ != 0 { readable() }
        if what & EV_WRITE != 0, isOpen { writable() }
    }
}
