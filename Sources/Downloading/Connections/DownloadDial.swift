import EventLoop
import Glibc

/// The way to a server: its name, then a connection. Loop thread only; gives up when freed.
final class DownloadDial {
    let host: HostAndPort
    /// nil until they are known.
    private(set) var addresses: [SocketAddress]?
    private let resolver: Resolver
    private let patience: UInt64
    private let loop: EventLoop
    private var resolution: Resolution?
    private var connector: Connector?

    /// - Parameters:
    ///   - known: what the name was resolved to before.
    ///   - patience: for the connection, in nanoseconds.
    init(
        _ host: HostAndPort, known: [SocketAddress]?, resolver: Resolver, patience: UInt64,
        on loop: EventLoop
    ) {
        (self.host, addresses, self.resolver) = (host, known, resolver)
        (self.patience, self.loop) = (patience, loop)
    }

    /// - Parameter completion: called once, after this has returned, unless it is cancelled.
    func begin(_ completion: @escaping (Result<Int32, DownloadFailure>) -> Void) {
        if let addresses { return connect(addresses, completion) }
        resolution = resolver.resolve(host.host, port: host.port) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let addresses):
                self.addresses = addresses
                connect(addresses, completion)
            case .failure(let error):
                completion(.failure(DownloadFailure(.name, "\(error)")))
            }
        }
    }

    func cancel() {
        resolution = nil
        connector?.cancel()
    }

    private func connect(
        _ addresses: [SocketAddress],
        _ completion: @escaping (Result<Int32, DownloadFailure>) -> Void
    ) {
        connector = Connector(addresses, timeout: patience, on: loop) { [host] result in
            completion(result.mapError { Self.failure($0, host) })
        }
    }

    private static func failure(_ error: EventLoopError, _ host: HostAndPort) -> DownloadFailure {
        switch error.errno {
        case ECONNREFUSED: DownloadFailure(.refused, "connection refused by \(host)")
        case ETIMEDOUT:
            DownloadFailure(.unreachable, "no connection to \(host) within the timeout")
        case ECONNRESET: DownloadFailure(.reset, "connection reset by \(host)")
        default: DownloadFailure(.unreachable, "\(error)")
        }
    }
}
