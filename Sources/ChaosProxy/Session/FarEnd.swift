import EventLoop

/// The backend's side of a session: an attempt to connect, then a stream.
final class FarEnd<Stream: ByteStream>: ConnectionHandler {
    private unowned(unsafe) let session: RelaySession<Stream>
    private var dialing: AnyObject?
    private(set) var stream: Stream?

    init(_ session: RelaySession<Stream>) {
        self.session = session
    }

    var isDialing: Bool { dialing != nil }
    /// The stream, while it is open.
    var open: Stream? { stream.flatMap { $0.isOpen ? $0 : nil } }

    func dial(_ backend: Backend, for proxy: Proxy) {
        guard let dial = proxy.environment.dial else { return }
        dialing = dial(backend, proxy) { [unowned self] result in dialed(result) }
    }

    /// Gives up an attempt that is under way.
    func hangUp() {
        dialing = nil
    }

    private func dialed(_ result: Result<AnyObject, DialError>) {
        let attempt = dialing
        dialing = nil
        switch result {
        case .success(let made):
            guard let made = made as? Stream else {
                preconditionFailure("the environment dials streams of the proxies' own kind")
            }
            stream = made
            made.start(self)
            session.connected()
        case .failure(let error): session.dialFailed(error)
        }
        withExtendedLifetime(attempt) {}  // it is what is calling
    }

    // MARK: What the connection says

    @_specialize(where Stream == Connection)
    override func received(_ bytes: UnsafeRawBufferPointer) { session.farReceived(bytes) }
    @_specialize(where Stream == Connection)
    override func relayed(_ count: Int) { session.farRelayed(count) }
    @_specialize(where Stream == Connection)
    override func receivedEnd() { session.farReceivedEnd() }
    @_specialize(where Stream == Connection)
    override func drained() { session.settle() }
    @_specialize(where Stream == Connection)
    override func woke(at now: UInt64) { session.woke(at: now) }
    @_specialize(where Stream == Connection)
    override func closed(_ ending: ConnectionEnding) { session.farClosed(self, ending) }
}
