public import HTTPWire

/// Which exchanges a toxic applies to, beside their number: all that is given must be so.
///
/// Data with pure predicates: whether it holds is decided here alone.
public struct Match: Equatable, Sendable {
    /// A glob on the path, without the query.
    public var path: String?
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
        if let path, !Match.glob(path.utf8, matches: request.path) { return false }
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

    /// Whether a text matches a pattern in which `*` is any run of bytes (`/` too) and `?` one
    /// byte.
    ///
    /// Only the last `*` is ever gone back to, so a pattern of many of them is not slow: there are
    /// at most as many steps as pattern times text.
    @inlinable  // generic code is slow in a module that cannot see it
    public static func glob<Pattern: Collection<UInt8>, Text: Collection<UInt8>>(
        _ pattern: Pattern, matches text: Text
    ) -> Bool {
        var (place, index) = (pattern.startIndex, text.startIndex)
        /// Behind the last `*`, and the text from which the rest of the pattern was tried.
        var retry: (place: Pattern.Index, index: Text.Index)?
        while index != text.endIndex {
            let wanted = place == pattern.endIndex ? nil : pattern[place]
            if wanted == UInt8(ascii: "*") {
                pattern.formIndex(after: &place)
                if place == pattern.endIndex { return true }
                retry = (place, index)
            } else if let wanted, wanted == UInt8(ascii: "?") || wanted == text[index] {
                pattern.formIndex(after: &place)
                text.formIndex(after: &index)
            } else if let last = retry {
                index = text.index(after: last.index)
                place = last.place
                retry = (place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
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
