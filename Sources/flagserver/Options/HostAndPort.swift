import EventLoop

/// `localhost:8001`, `192.0.2.7:80` or `[::1]:5432`: a name or a literal address, and a port.
struct HostAndPort: Equatable, CustomStringConvertible {
    /// Without brackets.
    let host: String
    let port: UInt16

    init(host: String, port: UInt16) {
        (self.host, self.port) = (host, port)
    }

    /// - Returns: nil if it is not exactly that.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = OptionValues.port(String(text[text.index(after: colon)...]))
        else { return nil }
        let host = String(text[..<colon])
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let bare = isBracketed ? String(host.dropFirst().dropLast()) : host
        guard isBracketed ? Self.isIPv6(bare) : Self.isName(bare) else { return nil }
        self.init(host: bare, port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Letters, digits, `-`, `.` and `_`: a name to look up or an IPv4 literal, at most 253 bytes
    /// (RFC 1035 §2.3.4).
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "-._".utf8.contains(byte)
            }
    }

    private static func isIPv6(_ text: String) -> Bool {
        SocketAddress(host: text, port: 0)?.family == .ipv6
    }
}
