public import EventLoop

/// One end of a byte stream as a session sees it: the libevent connection, or the tests' fake.
/// Writes never fail: a stream that is lost tells its handler when the callback is over.
public protocol ByteStream: AnyObject {
    var isOpen: Bool { get }
    var peer: SocketAddress? { get }
    /// Bytes written but not yet taken by the kernel.
    var queuedBytes: Int { get }
    /// Since when nothing of them has been taken, in monotonic nanoseconds.
    var stalledSince: UInt64? { get }

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

    /// FIN after what is queued; the peer is still heard.
    func finish()
    /// FIN after what is queued; the peer is heard no more.
    func close(lingering: Bool)
    /// RST now.
    func reset()
    func pauseReading()
    func resumeReading()
    /// Asks for `woke` at an instant of monotonic nanoseconds; a later call moves it.
    func wake(at deadline: UInt64)
}

extension Connection: ByteStream {}
