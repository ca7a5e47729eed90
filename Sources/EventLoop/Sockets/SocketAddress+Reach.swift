extension SocketAddress {
    public var isAny: Bool {
        let host = unmapped.host
        return host == "0.0.0.0" || host == "::"
    }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        let address = unmapped
        return address.family == .ipv4 ? address.host.hasPrefix("127.") : address.host == "::1"
    }

    /// An IPv4 address that is written as an IPv6 one (RFC 4291 §2.5.5.2), in its own family.
    public var unmapped: SocketAddress {
        let prefix = "::ffff:"
        guard family == .ipv6, host.hasPrefix(prefix) else { return self }
        return SocketAddress(host: String(host.dropFirst(prefix.count)), port: port) ?? self
    }

    /// Whether a connection to this address is accepted by a listener on that one, as far as it
    /// can be told without asking the system for its interfaces.
    public func reaches(_ listener: SocketAddress) -> Bool {
        guard port == listener.port else { return false }
        let address = unmapped
        // To connect to "any" is to connect to the loopback.
        if address.isAny { return listener.isAny || listener.isLoopback }
        if listener.isAny { return address.isLoopback && address.family == listener.family }
        return address == listener
    }
}
