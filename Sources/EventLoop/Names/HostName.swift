/// What may be asked of a name server, and what needs none.
enum HostName {
    /// 1 to 253 bytes (a final dot aside) in labels of 1 to 63 letters, digits, "-" and "_"
    /// (RFC 1035 §2.3.4). libevent is not relied on to refuse anything else.
    static func isValid(_ host: String) -> Bool {
        let name = host.hasSuffix(".") ? host.utf8.dropLast() : host.utf8[...]
        guard (1...253).contains(name.count) else { return false }
        return name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { (1...63).contains($0.count) && $0.allSatisfy(isAllowed) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The addresses of a literal, or of `localhost` and the names below it (RFC 6761 §6.3); nil
    /// for everything that must be looked up.
    static func localAddresses(_ host: String, port: UInt16) -> [SocketAddress]? {
        if let literal = SocketAddress(host: host, port: port) { return [literal] }
        guard isValid(host) else { return nil }
        let name = (host.hasSuffix(".") ? String(host.dropLast()) : host).lowercased()
        guard name == "localhost" || name.hasSuffix(".localhost") else { return nil }
        return ["127.0.0.1", "::1"].compactMap { SocketAddress(host: $0, port: port) }
    }
}
