public import EventLoop

/// The way to other servers: resolves a backend's name at each connection and connects, without
/// ever blocking the loop. Loop thread only.
public final class Dialer {
    private let loop: EventLoop
    private let resolver: Resolver
    private let timeout: UInt64
    /// Whether a proxy must not connect to an address, because it leads back to itself.
    public var isForbidden: (SocketAddress, Proxy) -> Bool = { _, _ in false }

    /// Whether a listener of ours has an address: it is to know through whom it is reached.
    public var isOurs: (SocketAddress) -> Bool = { _ in false }

    /// - Parameter timeout: for all addresses of a name together, in nanoseconds.
    public init(on loop: EventLoop, timeout: UInt64 = 10_000_000_000) {
        (self.loop, self.timeout) = (loop, timeout)
        resolver = Resolver(on: loop)
    }

    /// An attempt whose name has to be looked up; letting go of it ends it.
    private final class Attempt {
        var resolution: Resolution?
        var connector: Connector?
    }

    /// Our own end of an attempt to reach a listener of ours.
    private final class OwnEnd {
        private unowned let proxy: Proxy
        private let port: UInt16
        private var address: SocketAddress?

        init(_ proxy: Proxy, to port: UInt16) {
            (self.proxy, self.port) = (proxy, port)
        }

        func isBound(to address: SocketAddress) {
            giveUp()
            self.address = address
            proxy.dials(from: address, to: port)
        }

        func giveUp() {
            if let address { proxy.dialFailed(from: address) }
        }
    }

    /// - Returns: what keeps the attempt alive.
    public func dial(
        _ backend: Backend, for proxy: Proxy,
        completion: @escaping (Result<AnyObject, DialError>) -> Void
    ) -> AnyObject {
        if let addresses = Resolver.localAddresses(backend.host, port: backend.port),
            !addresses.contains(where: { isForbidden($0, proxy) })
        {
            return connect(to: addresses, of: backend, for: proxy, completion)
        }
        let attempt = Attempt()
        attempt.resolution = resolver.resolve(backend.host, port: backend.port) {
            [weak self, weak attempt, unowned proxy] result in
            guard let self, let attempt else { return }
            do throws(DialError) {
                let addresses = try allowed(result, of: backend, for: proxy)
                attempt.connector = connect(to: addresses, of: backend, for: proxy, completion)
            } catch {
                completion(.failure(error))
            }
        }
        return attempt
    }

    /// What a name has been found to stand for.
    ///
    /// - Throws: what keeps a proxy from connecting to it.
    private func allowed(
        _ found: Result<[SocketAddress], ResolverError>, of backend: Backend, for proxy: Proxy
    ) throws(DialError) -> [SocketAddress] {
        switch found {
        case .failure(let error):
            let isName = !backend.host.isEmpty
            throw DialError(isName ? "\(error)" : "'\(backend)' is not of the form host:port")
        case .success(let addresses):
            if let own = addresses.first(where: { isForbidden($0, proxy) }) {
                throw DialError("\(own) leads back to this proxy")
            }
            return addresses
        }
    }

    private func connect(
        to addresses: [SocketAddress], of backend: Backend, for proxy: Proxy,
        _ completion: @escaping (Result<AnyObject, DialError>) -> Void
    ) -> Connector {
        let isOurs = addresses.contains(where: isOurs)
        let own = isOurs ? OwnEnd(proxy, to: backend.port) : nil
        return Connector(
            addresses, timeout: timeout, on: loop, onBound: own.map { $0.isBound }
        ) { [loop] result in
            switch result {
            case .success(let descriptor):
                completion(.success(Connection(descriptor: descriptor, on: loop)))
            case .failure(let error):
                own?.giveUp()
                completion(.failure(DialError("\(error)", isReset: error.isReset)))
            }
        }
    }
}
