/// A name that is being looked up. Loop thread only; gives up when freed.
public final class Resolution: Wakeable {
    private let host: String
    private let port: UInt16
    private let loop: EventLoop
    private var completion: ((Result<[SocketAddress], ResolverError>) -> Void)?
    private var lookup: Lookup?

    init(
        _ host: String, port: UInt16, on loop: EventLoop,
        _ completion: @escaping (Result<[SocketAddress], ResolverError>) -> Void
    ) {
        self.host = host
        self.port = port
        self.loop = loop
        self.completion = completion
    }

    deinit { cancel() }

    /// Gives up; the completion is not called any more.
    public func cancel() {
        completion = nil
        loop.cancel(self)
        lookup?.cancel()
        lookup = nil
    }

    func ask(_ servers: NameServers, timeout: UInt64) {
        loop.schedule(self, at: loop.now + timeout)
        let lookup = Lookup(host, servers) { [weak self] in self?.answered($0) }
        self.lookup = lookup
        lookup.start()
    }

    private func answered(_ result: Result<[SocketAddress], ResolverError.Reason>) {
        lookup = nil
        answer(
            result.map { addresses in addresses.map { $0.with(port: port) } }
                .mapError { ResolverError(host, $0) })
    }

    /// Tells the answer when the callback under way is over.
    func answer(_ result: Result<[SocketAddress], ResolverError>) {
        loop.cancel(self)
        loop.afterCallback { [weak self] in self?.complete(result) }
    }

    override func due(at now: UInt64) {
        complete(.failure(ResolverError(host, .timedOut)))
    }

    private func complete(_ result: Result<[SocketAddress], ResolverError>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
