public import Faults

/// What a proxy takes the bytes between its clients and its backend for.
public enum ProxyProtocol: String, CaseIterable, Sendable {
    /// Any bytes: the connection is the exchange.
    case tcp
    /// HTTP/1.x: each request is an exchange.
    case http
    /// RESP2 and RESP3: each command is an exchange.
    case redis
    /// memcached's text protocol: each command is an exchange.
    case memcache
    /// MySQL and MariaDB: the connection is the exchange.
    case mysql
    /// SMTP: each command is an exchange, `DATA` with the message that follows it.
    case smtp

    /// Whether the server sends the first bytes of a connection, and its client waits for them.
    public var serverSpeaksFirst: Bool { self == .mysql || self == .smtp }

    /// Whether faults are drawn once for each connection, and not for each request on it.
    public var drawsPerConnection: Bool { self == .tcp || self == .mysql }

    /// What a toxic has to know of it.
    public var traits: ProtocolTraits {
        ProtocolTraits(
            name: rawValue, hasHeads: self == .http,
            withErrors: Self.allCases.filter { $0 != .tcp }.map(\.rawValue))
    }
}
