/// Why a name has no addresses.
///
///     resolve backend.test: no such host
public struct ResolverError: Error, Equatable, CustomStringConvertible, Sendable {
    public enum Reason: String, Error, Sendable {
        /// Not 1 to 253 bytes, in labels of 1 to 63 letters, digits, "-" and "_".
        case invalidName = "not a host name"
        case notFound = "no such host"
        /// Nobody has answered within five seconds.
        case timedOut = "the name servers do not answer"
        /// It is there, and why not is not told by libevent.
        case unreadable = "/etc/resolv.conf cannot be read"
        /// None is configured.
        case noNameServer = "no name server is configured"
        /// They answer with an error, or cannot be reached.
        case failed = "the name servers cannot tell"
    }

    public let host: String
    public let reason: Reason

    public init(_ host: String, _ reason: Reason) {
        self.host = host
        self.reason = reason
    }

    public var description: String { "resolve \(host): \(reason.rawValue)" }
}
