public import HTTPWire

/// Which exchanges a toxic applies to, beside their number: all that is given must be so.
///
/// Data with pure predicates: whether it holds is decided here alone.
public struct Match: Equatable, Sendable {
    /// A glob on the path, without the query.
    public var path: String? { didSet { pathPattern = path.map { TextPattern(glob: $0) } } }
    /// Made once: it costs as much as a request.
    private var pathPattern: TextPattern?
    /// Exactly, as methods are case-sensitive (RFC 9110 §9.1).
    public var method: String?
    public var header: HeaderMatch?
    /// The client's address, or a network in CIDR notation: `10.0.0.0/8`, `fd00::/8`.
    public var client: String?
    /// The requests of one connection, from 1.
    public var request: ExchangeRange?

    public init() {}

    /// Whether it asks for what only HTTP has.
    var needsHTTP: Bool { path != nil || method != nil || header != nil }

    /// Whether an exchange is one of those that the toxic is for.
    ///
    /// - Parameters:
    ///   - request: nil if it is not HTTP: then no pattern for HTTP holds.
    ///   - host: the client's address; asked only where it matters.
    ///   - number: of the request on its connection, from 1.
    public func applies(
        to request: HTTPRequest?, from host: @autoclosure () -> String?, number: UInt32
    ) -> Bool {
        if let client {
            guard let host = host(), Match.client(client, matches: host) else { return false }
        }
        if let range = self.request, !range.contains(UInt64(number)) { return false }
        guard needsHTTP else { return true }
        guard let request else { return false }
        if let pathPattern, !pathPattern.matches(request.path) { return false }
        if let method, !method.utf8.elementsEqual(request.methodText) { return false }
        return header?.applies(to: request) ?? true
    }

    /// What it asks for, by the keys that it is given with.
    public var settings: [(name: String, value: String)] {
        let all = [
            ("path", path), ("method", method), ("header", header?.description),
            ("client", client), ("request", request?.description),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    /// Whether an address lies in a network: `pattern` is an address, or one with `/bits`.
    ///
    /// An IPv4 address that was mapped into IPv6 (RFC 4291 §2.5.5.2) counts as IPv4, as a listener
    /// of both families shows it. What is no address matches nothing.
    public static func client(_ pattern: String, matches host: String) -> Bool {
        guard let network = AddressRange(pattern), let address = AddressRange.bytes(host) else {
            return false
        }
        return network.contains(address)
    }

    /// What stands for a client, where each is counted: its address, of any port.
    public static func key(ofClient host: String) -> UInt64 {
        SeededGenerator.hash(AddressRange.bytes(host) ?? Array(host.utf8))
    }

    /// Whether `client` can be matched at all: an address, or a network in CIDR notation.
    public static func isClientPattern(_ pattern: String) -> Bool {
        AddressRange(pattern) != nil
    }
}
