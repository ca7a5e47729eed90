/// Finds the addresses of host names without blocking the loop: `/etc/hosts` and the system's name
/// servers (resolv.conf(5)), through libevent. Loop thread only.
public final class Resolver {
    /// For a whole look-up, in nanoseconds.
    static let timeout: UInt64 = 5_000_000_000

    private let loop: EventLoop
    private let configuration: String
    private let hosts: String
    private let timeout: UInt64
    /// Kept by itself while anything is asked; read anew from the system's files after that.
    private(set) weak var servers: NameServers?

    public convenience init(on loop: EventLoop) {
        self.init(on: loop, configuration: "/etc/resolv.conf", hosts: "/etc/hosts")
    }

    init(
        on loop: EventLoop, configuration: String, hosts: String, timeout: UInt64 = Resolver.timeout
    ) {
        self.loop = loop
        self.configuration = configuration
        self.hosts = hosts
        self.timeout = timeout
    }

    /// The addresses of what need not be looked up: a literal, or `localhost`; nil for others.
    public static func localAddresses(_ host: String, port: UInt16) -> [SocketAddress]? {
        HostName.localAddresses(host, port: port)
    }

    /// Finds the addresses of `host`: a literal (without brackets), `localhost` (127.0.0.1, then
    /// ::1; RFC 6761 §6.3) or a name.
    ///
    /// - Parameter completion: called once, after this has returned and within about five
    ///   seconds, with at least one address.
    /// - Returns: what must be kept until then: cancelled or freed, it makes the completion silent.
    public func resolve(
        _ host: String, port: UInt16,
        completion: @escaping (Result<[SocketAddress], ResolverError>) -> Void
    ) -> Resolution {
        loop.assertOnThread()
        let resolution = Resolution(host, port: port, on: loop, completion)
        if let addresses = HostName.localAddresses(host, port: port) {
            resolution.answer(.success(addresses))
        } else if !HostName.isValid(host) {
            resolution.answer(.failure(ResolverError(host, .invalidName)))
        } else if let servers = currentServers() {
            resolution.ask(servers, timeout: timeout)
        } else {
            resolution.answer(.failure(ResolverError(host, .failed)))
        }
        return resolution
    }

    func currentServers() -> NameServers? {
        if let servers, servers.isOpen { return servers }
        let new = NameServers(on: loop, configuration: configuration, hosts: hosts)
        servers = new
        return new
    }
}
