/// `localhost:8001`, `192.0.2.7:80` or `[::1]:5432`: a name or a literal address, and a port.
public struct HostAndPort: Equatable, Sendable, CustomStringConvertible {
    /// Why a text cannot be split, in Go's words.
    public enum SplitError: String, Error {
        case missingPort = "missing port in address"
        case missingBracket = "missing ']' in address"
        case tooManyColons = "too many colons in address"
        case openingBracket = "unexpected '[' in address"
        case closingBracket = "unexpected ']' in address"
    }

    /// Without brackets.
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        (self.host, self.port) = (host, port)
    }

    /// - Returns: nil if it is not exactly that.
    public init?(_ text: String) {
        guard let parts = try? Self.split(text), let port = Self.port(parts.port) else {
            return nil
        }
        let host = String(parts.host)
        guard parts.isBracketed ? Self.isIPv6(host) : Self.isName(host) else { return nil }
        self.init(host: host, port: port)
    }

    public var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    // MARK: Parts

    /// What stands before and behind the last colon, whatever it is. Only a host in brackets, which
    /// are taken off, may have colons itself.
    public static func split(
        _ text: String
    ) throws(SplitError) -> (host: Substring, port: Substring, isBracketed: Bool) {
        guard let colon = text.lastIndex(of: ":") else { throw .missingPort }
        var host = text[..<colon]
        let port = text[text.index(after: colon)...]
        let isBracketed = text.hasPrefix("[")
        if isBracketed {
            guard let end = text.firstIndex(of: "]") else { throw .missingBracket }
            let next = text.index(after: end)
            guard next == colon else {
                throw next < text.endIndex && text[next] == ":" ? .tooManyColons : .missingPort
            }
            host = text[text.index(after: text.startIndex)..<end]
        } else if host.contains(":") {
            throw .tooManyColons
        }
        if host.contains("[") || port.contains("[") { throw .openingBracket }
        if host.contains("]") || port.contains("]") { throw .closingBracket }
        return (host, port, isBracketed)
    }

    /// 0 to 65535, in plain digits.
    public static func port(_ text: some StringProtocol) -> UInt16? {
        text.utf8.allSatisfy { $0 &- 0x30 <= 9 } ? UInt16(text) : nil
    }

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
