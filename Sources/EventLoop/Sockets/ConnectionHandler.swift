/// What a connection tells its owner. All calls come on the loop's thread.
///
/// A base class and not a protocol: a reference to it is half the size, and there are thousands.
open class ConnectionHandler {
    public init() {}
    /// Bytes have come. They lie in the loop's shared buffer and are valid only during the call.
    open func received(_ bytes: UnsafeRawBufferPointer) {}
    /// The peer has sent its FIN; it may still read. A relay has handed over all that came before.
    open func receivedEnd() {}
    /// A relay has taken in `count` bytes; they are with the target or on their way to it.
    open func relayed(_ count: Int) {}
    /// Everything that was written has been taken by the kernel, after some of it had to wait.
    open func drained() {}
    /// The instant asked for with `wake(at:)` has come.
    open func woke(at now: UInt64) {}
    /// So many bytes that were written are lost: the connection has ended before the peer had them.
    /// `closed` follows.
    ///
    /// - Parameter untaken: how many of them not even the kernel had taken.
    open func lost(_ count: Int, untaken: Int) {}
    /// The descriptor is closed; nothing follows.
    open func closed(_ ending: ConnectionEnding) {}
}
