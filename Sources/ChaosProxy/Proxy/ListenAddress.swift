public import EventLoop

/// Where a proxy listens, in the spellings of Go's `net.Listen`, which Toxiproxy's users write.
///
/// `localhost` is both loopbacks on one port, because many clients try `::1` first.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    public enum Hosts: Equatable, Sendable {
        /// 127.0.0.1 and ::1.
        case loopbacks
        /// All interfaces, IPv4 and IPv6.
        case all
        /// The port of this address is not looked at.
        case one(SocketAddress)
    }

    public let hosts: Hosts
    /// 0 for any that is free.
    public let port: UInt16

    public init(_ hosts: Hosts, port: UInt16) {
        (self.hosts, self.port) = (hosts, port)
    }

    /// - Parameters:
    ///   - text: `localhost:80`, `:80`, `[::1]:80`, `0.0.0.0:0`, `127.0.0.1:http`; empty for any
    ///     port of an empty host.
    ///   - emptyHost: what an empty host stands for.
    /// - Throws: `ProxyError.listen` in Go's words.
    public init(_ text: String, emptyHost: Hosts = .loopbacks) throws(ProxyError) {
        guard !text.isEmpty else {
            self.init(emptyHost, port: 0)
            return
        }
        let parts: (host: Substring, port: Substring, isBracketed: Bool)
        do throws(HostAndPort.SplitError) {
            parts = try HostAndPort.split(text)
        } catch {
            throw .listen("address \(text): \(error.rawValue)")
        }
        self.init(try Self.hosts(parts.host, emptyHost), port: try Self.port(parts.port))
    }

    // MARK: Parsing

    private static func hosts(_ text: Substring, _ emptyHost: Hosts) throws(ProxyError) -> Hosts {
        if text.isEmpty { return emptyHost }
        if text.lowercased() == "localhost" { return .loopbacks }
        guard let address = SocketAddress(host: String(text), port: 0) else {
            throw ProxyError.listen("lookup \(text): no such host")
        }
        return address.isAny ? .all : .one(address.unmapped)
    }

    private static func port(_ text: Substring) throws(ProxyError) -> UInt16 {
        if text.isEmpty { return 0 }
        if let port = UInt16(text) { return port }
        let isNumber = text.drop { $0 == "-" || $0 == "+" }.allSatisfy { ("0"..."9").contains($0) }
        if isNumber { throw ProxyError.listen("address \(text): invalid port") }
        if let port = services[text.lowercased()] { return port }
        throw ProxyError.listen("lookup tcp/\(text): unknown port")
    }

    /// Of the service names that IANA registers, those that a proxy is put before.
    static let services: [String: UInt16] = [
        "amqp": 5672, "amqps": 5671, "domain": 53, "ftp": 21, "http": 80, "http-alt": 8080,
        "https": 443, "imap": 143, "imaps": 993, "ldap": 389, "ldaps": 636, "memcache": 11211,
        "ms-sql-s": 1433, "mysql": 3306, "pop3": 110, "pop3s": 995, "postgresql": 5432,
        "redis": 6379, "smtp": 25, "socks": 1080, "ssh": 22, "submission": 587, "telnet": 23,
    ]

    // MARK: Addresses

    public func with(port: UInt16) -> ListenAddress { ListenAddress(hosts, port: port) }

    /// What is bound, IPv4 first.
    public var addresses: [SocketAddress] {
        switch hosts {
        case .loopbacks:
            [Self.literal("127.0.0.1", port), Self.literal("::1", port)].compactMap(\.self)
        case .all: [Self.literal("0.0.0.0", port), Self.literal("::", port)].compactMap(\.self)
        case .one(let address): [address.with(port: port)]
        }
    }

    private static func literal(_ host: String, _ port: UInt16) -> SocketAddress? {
        SocketAddress(host: host, port: port)
    }

    /// As Toxiproxy shows it: `127.0.0.1:8474`, and `[::]:8474` for all interfaces.
    public var description: String {
        switch hosts {
        case .loopbacks: "127.0.0.1:\(port)"
        case .all: "[::]:\(port)"
        case .one(let address): "\(address.with(port: port))"
        }
    }

    // MARK: Binding

    /// Attempts to find one port that is free on both families.
    private static let attempts = 64

    /// Lets a proxy listen here; on failure it listens nowhere.
    ///
    /// - Returns: with the port that the kernel chose if 0 was asked for.
    /// - Throws: `ProxyError.bind`.
    public func bind(
        _ proxy: Proxy, limits: [ConnectionLimit], loop: EventLoop
    ) throws(ProxyError) -> ListenAddress {
        for attempt in 1...Self.attempts {
            guard let failure = listen(proxy, limits, loop) else { break }
            proxy.stopListening()
            // The port that was free on IPv4 is taken on IPv6.
            let isRetried =
                port == 0 && failure.address.port != 0 && failure.error.isAddressInUse
                && attempt < Self.attempts
            guard isRetried else { throw ProxyError.bind(failure.address, failure.error) }
        }
        return with(port: proxy.addresses.first?.port ?? port)
    }

    private func listen(
        _ proxy: Proxy, _ limits: [ConnectionLimit], _ loop: EventLoop
    ) -> (address: SocketAddress, error: EventLoopError)? {
        for wanted in addresses {
            let first = proxy.addresses.first
            let address = wanted.with(port: first?.port ?? port)
            do throws(EventLoopError) {
                try proxy.listen(on: address, limits: limits, loop: loop)
            } catch {
                // A machine without IPv6: IPv4 alone.
                if first != nil, error.isFamilyMissing { continue }
                return (address, error)
            }
        }
        return nil
    }
}

extension EventLoopError {
    /// The numbers of Linux (asm-generic/errno.h).
    private enum Number: Int32 {
        case protocolNotSupported = 93
        case familyNotSupported = 97
        case addressInUse = 98
        case addressNotAvailable = 99
    }

    fileprivate var isAddressInUse: Bool { Number(rawValue: errno) == .addressInUse }

    fileprivate var isFamilyMissing: Bool {
        switch Number(rawValue: errno) {
        case .protocolNotSupported, .familyNotSupported, .addressNotAvailable: true
        case .addressInUse, nil: false
        }
    }
}
