import EventLoop
public import HTTPWire
public import Names

/// What stands behind a proxy.
public enum Upstream {
    /// A site in this process.
    case site(Site)
    /// Names that this process knows: it answers questions for them, over UDP, too.
    case names(Zone)
    /// Another server.
    case address(Backend)

    public var isSite: Bool {
        switch self {
        case .site, .names: true
        case .address: false
        }
    }

    var site: Site? {
        if case .site(let site) = self { site } else { nil }
    }

    var zone: Zone? {
        if case .names(let zone) = self { zone } else { nil }
    }

    public var backend: Backend? {
        if case .address(let backend) = self { backend } else { nil }
    }
}

/// Where a proxy's far end is: a name or a literal address, and a port.
public struct Backend: Equatable, Sendable, CustomStringConvertible {
    /// Without the brackets of an IPv6 address; empty for one that cannot be reached.
    public let host: String
    public let port: UInt16
    /// As it was written.
    public let description: String

    /// - Parameter text: `host:port`, `192.0.2.7:80` or `[::1]:80`.
    /// - Returns: nil if it is none of these.
    public init?(_ text: String) {
        guard let parts = try? HostAndPort.split(text), let port = HostAndPort.port(parts.port),
            port > 0, parts.isBracketed == parts.host.contains(":")
        else { return nil }
        let host = String(parts.host)
        let allowed = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard !host.isEmpty, host.utf8.count <= 253, allowed else { return nil }
        (self.host, self.port, description) = (host, port, text)
    }

    /// Every connection to it fails: Toxiproxy takes any text, and looks at it when it connects.
    ///
    /// - Parameter text: as it is shown.
    public init(unreachable text: String) {
        (host, port, description) = ("", 0, text)
    }
}
