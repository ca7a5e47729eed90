internal import CLibevent
import Glibc

/// What a connection tells its owner. All calls come on the loop's thread.
///
/// A base class and not a protocol: a reference to it is half the size, and there are thousands.
open class ConnectionHandler {
    public init() {}
    /// Bytes have come. They lie in the loop's shared buffer and are valid only during the call.
    open func received(_ bytes: UnsafeRawBufferPointer) {}
    /// The peer has sent its FIN; it may still read.
    open func receivedEnd() {}
    /// Everything that was written has been taken by the kernel, after some of it had to wait.
    open func drained() {}
    /// The instant asked for with `wake(at:)` has come.
    open func woke(at now: UInt64) {}
    /// The descriptor is closed; nothing follows.
    open func closed(_ ending: ConnectionEnding) {}
}

/// How a connection ended.
public enum ConnectionEnding: Sendable {
    /// We closed it, with FIN.
    case fin
    /// We reset it, with RST.
    case rst
    /// The peer reset it, or the network did.
    case peerReset
}

/// One TCP connection: reads as bytes come, writes at once what the kernel takes and queues the
/// rest in order.
///
/// Borrowed lifetime: libevent holds an unretained pointer to this object until the descriptor is
/// closed, which `deinit` does at the latest. Loop thread only.
public final class Connection: Wakeable {
    private struct Flags: OptionSet {
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
    }

    /// How long a closed connection may go on being read, so that the peer gets our last bytes
    /// and not an RST (RFC 9112 §9.6).
    private static let lingerNanoseconds: UInt64 = 2_000_000_000
    /// Bytes of a file that are sent in one go, and of all output at one wake-up: a fast reader of
    /// a large file must not keep the others waiting.
    private static let sendAtOnce = 256 << 10
    private static let sendPerWakeUp = 1 << 20

    private var flags: Flags = []
    private unowned(unsafe) let loop: EventLoop
    private unowned(unsafe) var handler: ConnectionHandler?
    private let event: UnsafeMutablePointer<event>
    private var output: OutputQueue?

    /// - Parameter descriptor: a connected, non-blocking socket; this object closes it.
    public init(descriptor: Int32, on loop: EventLoop) {
        self.loop = loop
        event = loop.takeEvent()
        super.init()
        event_assign(event, loop.base, descriptor, 0, Self.dispatch, nil)
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

    /// Kept in the event alone: four bytes less in each of thousands of connections.
    private var descriptor: Int32 { event.pointee.ev_fd }

    public var isOpen: Bool { !flags.contains(.closed) }
    /// Who is at the other end; nil once it has gone.
    public var peer: SocketAddress? { SocketAddress.ask { getpeername(descriptor, $0, $1) } }

    /// Asks for `woke` at an instant of monotonic nanoseconds; a later call moves it.
    public func wake(at deadline: UInt64) {
        guard flags.isDisjoint(with: [.closed, .lingering]) else { return }
        loop.schedule(self, at: deadline)
    }

    override func due(at now: UInt64) {
        if flags.contains(.lingering) { release(.fin) } else { handler?.woke(at: now) }
    }

    // MARK: Reading

    public func pauseReading() {
        guard flags.insert(.readPaused).inserted else { return }
        updateInterest()
    }

    public func resumeReading() {
        guard flags.remove(.readPaused) != nil else { return }
        updateInterest()
    }

    private func readable() {
        let buffer = loop.readBuffer
        let count = retryingInterrupts { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
        if count > 0 {
            guard !flags.contains(.closing) else { return }
            handler?.received(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        } else if count == 0 {
            peerFinished()
        } else if errno != EAGAIN {
            release(.peerReset)
        }
    }

    private func peerFinished() {
        flags.insert(.readEnded)
        updateInterest()
        if !flags.contains(.closing) {
            handler?.receivedEnd()
        } else if output == nil {
            release(.fin)
        }
    }

    // MARK: Writing

    /// Bytes written but not yet taken by the kernel.
    public var queuedBytes: Int { output?.byteCount ?? 0 }
    /// Since when the kernel has taken nothing of what is queued; nil if nothing is.
    public var stalledSince: UInt64? { output?.lastProgress }

    /// Writes; what the kernel does not take at once is copied.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        guard mayWrite, bytes.count > 0 else { return }
        if flags.contains(.corked), gather(bytes) { return }
        let sent = output == nil ? sendNow(bytes) : 0
        guard sent < bytes.count, isOpen else { return }
        enqueue(.copy(of: UnsafeRawBufferPointer(rebasing: bytes[sent...])))
    }

    /// Writes without copying; `owner` keeps `bytes` alive and unchanged for as long as needed.
    public func write(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        guard mayWrite, bytes.count > 0 else { return }
        let sent = output == nil ? sendWithGathered(bytes) : 0
        guard sent < bytes.count, isOpen else { return }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        enqueue(OutputSegment(memory: rest, owner: owner))
    }

    /// Writes a part of a file; `owner` keeps the descriptor open.
    ///
    /// A file that has become shorter in the meantime ends the connection with RST, because its
    /// length has been promised.
    public func write(file: Int32, offset: Int64, count: Int, owner: AnyObject) {
        guard mayWrite, count > 0 else { return }
        let sent = send(file: file, offset: offset, count: count)
        guard sent < count, isOpen else { return }
        enqueue(
            OutputSegment(
                file: file, offset: offset + Int64(sent), count: count - sent, owner: owner))
    }

    /// Sends of a file what the kernel takes at once, if nothing is queued.
    ///
    /// - Returns: how much that was; the rest is the caller's.
    public func send(file: Int32, offset: Int64, count: Int) -> Int {
        guard mayWrite, count > 0 else { return 0 }
        sendGathered()
        return output == nil ? sendNow(file: file, offset: offset, count: count) : 0
    }

    /// Until `uncork()`, small writes are gathered into one `send`. Not held over a callback.
    ///
    /// - Returns: false if it was corked already; whoever did that uncorks.
    public func cork() -> Bool {
        flags.insert(.corked).inserted
    }

    public func uncork() {
        sendGathered()
        flags.remove(.corked)
    }

    private var mayWrite: Bool {
        loop.assertOnThread()
        return flags.isDisjoint(with: [.closed, .finishing])
    }

    private func gather(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if loop.corkedCount + bytes.count > loop.corkBuffer.count { sendGathered() }
        guard isOpen, output == nil, bytes.count <= loop.corkBuffer.count else { return false }
        UnsafeMutableRawBufferPointer(rebasing: loop.corkBuffer[loop.corkedCount...])
            .copyMemory(from: bytes)
        loop.corkedCount += bytes.count
        return true
    }

    private func sendGathered() {
        guard flags.contains(.corked), loop.corkedCount > 0 else { return }
        let gathered = UnsafeRawBufferPointer(rebasing: loop.corkBuffer[..<loop.corkedCount])
        loop.corkedCount = 0
        let sent = sendNow(gathered)
        guard sent < gathered.count, isOpen else { return }
        enqueue(.copy(of: UnsafeRawBufferPointer(rebasing: gathered[sent...])))
    }

    /// What was gathered and `bytes` in one system call.
    ///
    /// - Returns: how much of `bytes` was taken.
    private func sendWithGathered(_ bytes: UnsafeRawBufferPointer) -> Int {
        let gathered = UnsafeRawBufferPointer(rebasing: loop.corkBuffer[..<loop.corkedCount])
        guard flags.contains(.corked), gathered.count > 0 else { return sendNow(bytes) }
        loop.corkedCount = 0
        let sent = sendNow(gathered, bytes)
        guard sent < gathered.count else { return sent - gathered.count }
        guard isOpen else { return 0 }
        enqueue(.copy(of: UnsafeRawBufferPointer(rebasing: gathered[sent...])))
        return 0
    }

    private func sendNow(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer)
        -> Int
    {
        let parts = [first, second].map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        let count = retryingInterrupts { writev(descriptor, parts, 2) }
        if count >= 0 { return count }
        if errno != EAGAIN { release(.peerReset) }
        return 0
    }

    /// - Returns: how many bytes the kernel took; 0 also when the connection is lost.
    @inline(__always)
    private func sendNow(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = retryingInterrupts {
            Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        if errno != EAGAIN { release(.peerReset) }
        return 0
    }

    private func sendNow(file: Int32, offset: Int64, count: Int) -> Int {
        var position = off_t(offset)
        let wanted = min(count, Self.sendAtOnce)
        let taken = retryingInterrupts { sendfile(descriptor, file, &position, wanted) }
        if taken > 0 { return taken }
        switch taken == 0 ? EIO : errno {
        case EAGAIN: break
        case EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH: release(.peerReset)
        default: reset()  // the file cannot give what has been promised
        }
        return 0
    }

    private func enqueue(_ segment: OutputSegment) {
        if let output { return output.append(segment) }
        output = OutputQueue(segment, at: loop.now)
        updateInterest()
    }

    private func writable() {
        guard let output else { return }
        let start = output.byteCount
        while output.byteCount > 0 {
            guard start - output.byteCount < Self.sendPerWakeUp else { return }
            let before = output.byteCount
            output.withFirst { segment in
                let sent =
                    segment.file < 0
                    ? sendNow(segment.memory)
                    : sendNow(file: segment.file, offset: segment.offset, count: segment.count)
                segment.dropFirst(sent)
            }
            guard isOpen, output.byteCount < before else { return }
            output.lastProgress = loop.now
        }
        self.output = nil
        updateInterest()
        if flags.contains(.finishing) { sendEnd() } else { handler?.drained() }
    }

    // MARK: Ending

    /// Sends FIN after what is queued; the peer is still heard (half-close).
    public func finish() {
        guard mayWrite else { return }
        sendGathered()
        flags.insert(.finishing)
        if output == nil { sendEnd() }
    }

    /// Sends FIN after what is queued and then closes; the peer is heard no more.
    ///
    /// - Parameter lingering: read and throw away what the peer still sends, for two seconds at
    ///   most. Closing a socket with unread input makes the kernel send RST, which may take our
    ///   last bytes from the peer. False only where nothing more can be on its way.
    public func close(lingering: Bool) {
        guard isOpen, !flags.contains(.closing) else { return }
        sendGathered()
        flags.formUnion(lingering ? [.finishing, .closing, .lingering] : [.finishing, .closing])
        loop.cancel(self)
        if output == nil { sendEnd() }
    }

    /// Resets the connection now; what is queued is lost.
    public func reset() {
        guard isOpen else { return }
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        release(.rst)
    }

    private func sendEnd() {
        guard isOpen else { return }
        let lingers = flags.contains(.lingering) && !flags.contains(.readEnded)
        guard lingers || !flags.contains(.closing) else { return release(.fin) }
        shutdown(descriptor, Int32(SHUT_WR))
        guard lingers else { return }
        loop.schedule(self, at: loop.now + Self.lingerNanoseconds)
        resumeReading()
    }

    /// Closes the descriptor at once and tells the handler when the callback under way is over.
    private func release(_ ending: ConnectionEnding) {
        guard isOpen else { return }
        release()
        guard let handler else { return }
        loop.afterCallback { [self] in
            self.handler = nil
            handler.closed(ending)
        }
    }

    private func release() {
        loop.cancel(self)
        if flags.contains(.registered) { event_del(event) }
        flags.insert(.closed)
        // The buffer is everybody's: what a lost connection had gathered must not stay in it.
        if flags.remove(.corked) != nil { loop.corkedCount = 0 }
        output = nil
        Glibc.close(descriptor)
    }

    // MARK: libevent

    private func updateInterest() {
        var wanted: Int32 = 0
        if flags.isDisjoint(with: [.readPaused, .readEnded, .closed]) { wanted |= EV_READ }
        if output != nil, isOpen { wanted |= EV_WRITE }
        if flags.remove(.registered) != nil { event_del(event) }
        guard wanted != 0 else { return }
        let descriptor = descriptor
        event_assign(
            event, loop.base, descriptor, Int16(wanted | EV_PERSIST), Self.dispatch,
            Unmanaged.passUnretained(self).toOpaque())
        guard event_add(event, nil) == 0 else { return release(.rst) }
        flags.insert(.registered)
    }

    private static let dispatch: event_callback_fn = { _, what, context in
        guard let context else { return }
        let connection = Unmanaged<Connection>.fromOpaque(context)
        connection._withUnsafeGuaranteedRef { $0.ready(Int32(what)) }
    }

    @inline(__always)
    private func ready(_ what: Int32) {
        let loop = loop
        if what & EV_READ != 0 { readable() }
        if what & EV_WRITE != 0, isOpen { writable() }
        loop.runDeferred()
    }
}
