public import Faults
import Records

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
    /// PostgreSQL: the connection is the exchange.
    case postgres
    /// Lines asked behind a prompt, as charfinder's: each line is an exchange.
    case charfinder
    /// The domain system, of a name server in this process: each message is an exchange.
    case dns

    var traits: ProtocolTraits {
        switch self {
        case .tcp: .tcp
        case .http: .http
        case .redis: .redis
        case .memcache: .memcache
        case .mysql: .mysql
        case .smtp: .smtp
        case .postgres: .postgres
        case .charfinder: .charfinder
        case .dns: .dns
        }
    }

    /// What a toxic has to know of it.
    public var abilities: ProtocolAbilities {
        ProtocolAbilities(
            name: rawValue, hasHeads: self == .http, hasNames: self == .dns,
            withErrors: Self.relayed.filter { $0 != .tcp }.map(\.rawValue))
    }

    /// Whether the server sends the first bytes of a connection, and its client waits for them.
    public var serverSpeaksFirst: Bool { traits.serverSpeaksFirst }

    /// Whether faults are drawn once for each connection, and not for each request on it.
    public var drawsPerConnection: Bool { traits.framing == nil && self != .dns }

    /// Those that a proxy before another server can have.
    public static let relayed = allCases.filter { $0 != .dns }

    /// The bytes that the faults of a request are drawn by.
    ///
    /// - Parameter request: a target, or a command with its arguments, on one line.
    public func key(of request: String) -> [UInt8] { traits.key(request) }

    /// An error that a client takes for the reply to its request.
    ///
    /// - Parameter refusal: nil for a fault's.
    /// - Returns: nil for tcp and http.
    func errorReply(_ refusal: ExchangeRecord.Refusal? = nil) -> ErrorReply? {
        traits.errorReply?(ErrorReply.reason(refusal))
    }
}
