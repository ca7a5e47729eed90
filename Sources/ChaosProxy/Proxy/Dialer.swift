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

    /// An attempt under way; letting go of it ends it.
    private final class Attempt {
        var resolution: Resolution?
        var connector: Connector?
        /// Our own address of the last try, if a listener of ours is to know it.
        var bound: SocketAddress?
    }

    /// - Returns: what keeps the attempt alive.
    public func dial(
        _ backend: Backend, for proxy: Proxy,
        completion: @escaping (Result<AnyObject, DialError>) -> Void
    ) -> AnyObject {
        let attempt = Attempt()
        attempt.resolution = resolver.resolve(backend.host, port: backend.port) {
            [weak self, weak attempt, unowned proxy] result in
            guard let self, let attempt else { return }
            switch result {
            case .failure(let error):
                let isAddress = !backend.host.isEmpty
                completion(
                    .failure(
                        DialError(
                            isAddress ? "\(error)" : "'\(backend)' is not of the form host:port")))
            case .success(let addresses):
                connect(to: addresses, of: backend, for: proxy, attempt, completion)
            }
        }
        return attempt
    }

    private func connect(
        to addresses: [SocketAddress], of backend: Backend, for proxy: Proxy, _ attempt: Attempt,
        _ completion: @escaping (Result<AnyObject, DialError>) -> Void
    ) {
        if let own = addresses.first(where: { isForbidden($0, proxy) }) {
            return completion(.failure(DialError("\(own) leads back to this proxy")))
        }
        let isOurs = addresses.contains(where: isOurs)
        attempt.connector = Connector(
            addresses, timeout: timeout, on: loop,
            onBound: isOurs
                ? { [unowned proxy, weak attempt] address in
                    if let last = attempt?.bound { proxy.dialFailed(from: last) }
                    attempt?.bound = address
                    proxy.dials(from: address, to: backend.port)
                } : nil
        ) { [loop, unowned proxy, weak attempt] result in
            switch result {
            case .success(let descriptor):
                completion(.success(Connection(descriptor: descriptor, on: loop)))
            case .failure(let error):
                if let last = attempt?.bound { proxy.dialFailed(from: last) }
                completion(.failure(DialError("\(error)")))
            }
        }
    }
}
