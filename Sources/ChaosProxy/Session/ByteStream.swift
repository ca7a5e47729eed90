public import EventLoop
import Faults
import HTTPWire

/// One end of a byte stream as a session sees it: the libevent connection, or the tests' fake.
/// Writes never fail: a stream that is lost tells its handler when the callback is over.
public protocol ByteStream: AnyObject {
    var isOpen: Bool { get }
    var peer: SocketAddress? { get }
    /// Bytes written but not yet taken by the kernel.
    var queuedBytes: Int { get }
    /// Bytes that the kernel has taken and the peer has not acknowledged yet.
    var unacknowledgedBytes: Int { get }
    /// Since when nothing of them has been taken, in monotonic nanoseconds.
    var stalledSince: UInt64? { get }
    /// Whether a peer that has sent its FIN does not exist any more, rather than having closed one
    /// direction only; nil if that cannot be told.
    var peerHasGone: Bool? { get }

    /// Begins to read; `handler` hears of everything.
    func start(_ handler: ConnectionHandler)
    /// Writes; what is not taken at once is copied.
    func write(_ bytes: UnsafeRawBufferPointer)
    /// Writes without copying; `owner` keeps the bytes alive and unchanged.
    func write(_ bytes: UnsafeRawBufferPointer, owner: AnyObject)
    /// Writes a part of a file that `owner` keeps open.
    func write(file: Int32, offset: Int64, count: Int, owner: AnyObject)
    /// Sends of a file what is taken at once, if nothing is queued; the rest is the caller's.
    func send(file: Int32, offset: Int64, count: Int) -> Int
    /// Between the two, small writes are gathered into one.
    func cork() -> Bool
    func uncork()
    /// What comes in from now on goes straight to `target`, which it does not outrun; the handler
    /// hears only how much it was. nil: the handler gets the bytes again.
    func relay(to target: Self?)

    /// FIN after what is queued; the peer is still heard.
    func finish()
    /// FIN after what is queued; the peer is heard no more.
    func close(lingering: Bool)
    /// FIN when the peer has acknowledged what was written; it is heard no more. The handler hears
    /// whether it has: a peer that is gone resets.
    func closeWhenAcknowledged()
    /// RST now.
    func reset()
    /// RST after the peer has what was written.
    func resetInOrder()
    /// Finds out whether a peer that has sent its FIN is still there: if not, it resets.
    func probe()
    func pauseReading()
    func resumeReading()
    /// Asks for `woke` at an instant of monotonic nanoseconds; a later call moves it.
    func wake(at deadline: UInt64)
}

extension Connection: ByteStream {}

extension ByteStream {
    /// Writes a response that lies ready, stamped with `date`.
    @inline(__always)
    func write(_ response: PreparedResponse, date: Int64) {
        switch response.piece(date: date, replace: MemoryFile.replace) {
        case .memory(let bytes):
            write(bytes)
            if bytes.count < response.count { write(response.body) }
        case .file(let file, let offset, let count):
            let sent = send(file: file, offset: offset, count: count)
            if sent < count { for bytes in response.rest(after: sent) { write(bytes) } }
        }
    }

    func write(_ bytes: Bytes) {
        if let memory = bytes.memory {
            // What is small is copied and so gathered.
            if memory.count < 4096 { return write(memory) }
            write(memory, owner: bytes.storage)
        } else {
            write(
                file: bytes.storage.file, offset: Int64(bytes.offset), count: bytes.count,
                owner: bytes.storage)
        }
    }
}
