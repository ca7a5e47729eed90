public import EventLoop
public import HTTPWire

/// Something that was seen on a client's connection.
public enum WireSight {
    /// Valid only during the call.
    case received(UnsafeRawBufferPointer, from: SocketAddress?)
    case sent(Bytes, to: SocketAddress?)
    /// The client has sent its FIN.
    case left(SocketAddress?)
    /// The descriptor is closed.
    case closed(SocketAddress?, ConnectionEnding)
}

/// Passes everything on to a session, and tells what the client does. Loop thread only.
final class WatchedSession: ConnectionHandler {
    private let session: ConnectionHandler
    private let peer: SocketAddress?
    private let tell: (WireSight) -> Void
    /// A connection does not keep its handler: it does so itself, until the end.
    private var itself: WatchedSession?

    init(_ session: ConnectionHandler, _ peer: SocketAddress?, tell: @escaping (WireSight) -> Void)
    {
        (self.session, self.peer, self.tell) = (session, peer, tell)
        super.init()
        itself = self
    }

    override func received(_ bytes: UnsafeRawBufferPointer) {
        tell(.received(bytes, from: peer))
        session.received(bytes)
    }

    override func receivedEnd() {
        tell(.left(peer))
        session.receivedEnd()
    }

    override func relayed(_ count: Int) { session.relayed(count) }
    override func drained() { session.drained() }
    override func woke(at now: UInt64) { session.woke(at: now) }

    override func lost(_ count: Int, untaken: Int) { session.lost(count, untaken: untaken) }

    override func closed(_ ending: ConnectionEnding) {
        tell(.closed(peer, ending))
        session.closed(ending)
        itself = nil
    }
}
