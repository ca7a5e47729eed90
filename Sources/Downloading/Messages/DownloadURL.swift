public import EventLoop
import HTTPWire

/// Where something is to be had: `http://localhost:8001/flags/br/br.gif`.
public struct DownloadURL: Equatable, Sendable, CustomStringConvertible {
    /// Longest URL, in bytes.
    static let maximumLength = 8192

    /// What is wrong with a text that is none.
    public enum Mistake: String, Error, CustomStringConvertible {
        case scheme = "it does not begin with http://"
        case secure = "https is not spoken here"
        case user = "a user in a URL is not sent"
        case host = "it names no host and port"
        case length = "it is longer than 8192 bytes"
        case character = "it has a blank or a control character"

        public var description: String { rawValue }
    }

    public let host: HostAndPort
    /// The path, with the query if there is one; it begins with a slash.
    public let target: String

    init(_ host: HostAndPort, _ target: String) {
        (self.host, self.target) = (host, target)
    }

    /// - Parameter text: what follows a `#` is left out, and what is not ASCII is percent-encoded.
    public init(_ text: String) throws(Mistake) {
        guard text.utf8.count <= Self.maximumLength else { throw .length }
        let lowercased = text.prefix(8).lowercased()
        guard !lowercased.hasPrefix("https://") else { throw .secure }
        guard lowercased.hasPrefix("http://") else { throw .scheme }
        let rest = text.dropFirst(7).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = String(rest[authority.endIndex...])
        self.init(
            try Self.host(authority),
            try Self.checked(target.hasPrefix("/") ? target : "/" + target))
    }

    private static func host(_ authority: Substring) throws(Mistake) -> HostAndPort {
        guard !authority.contains("@") else { throw .user }
        let text = authority.lowercased()
        guard let host = HostAndPort(text) ?? HostAndPort(text + ":80"), !host.host.isEmpty,
            host.port > 0
        else { throw .host }
        return host
    }

    /// What stands in a request line as it is, and no more (RFC 9112 §3.2).
    private static func checked(_ target: String) throws(Mistake) -> String {
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { throw .character }
        guard !target.utf8.allSatisfy({ $0 < 0x80 }) else { return target }
        var encoded = ""
        for byte in target.utf8 {
            if byte < 0x80 {
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// The same server's `path` below this one.
    ///
    /// - Parameter path: without a slash before it, percent-encoded.
    public func appending(_ path: String) -> DownloadURL {
        let base = target.prefix { $0 != "?" }
        return DownloadURL(host, base + (base.hasSuffix("/") ? "" : "/") + path)
    }

    /// Where a Location field leads (RFC 3986 §5.2); nil if it leads nowhere that is spoken here.
    func following(_ location: String) -> DownloadURL? {
        let location = location.prefix { $0 != "#" }
        if location.hasPrefix("//") { return try? DownloadURL("http:" + location) }
        let scheme = location.prefix { $0 != ":" && $0 != "/" && $0 != "?" }
        if location[scheme.endIndex...].hasPrefix(":") { return try? DownloadURL(String(location)) }
        guard !location.isEmpty else { return self }
        let path = target.prefix { $0 != "?" }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        let merged =
            switch location.first {
            case "/": String(location)
            case "?": String(path + location)
            default: String(folder + location)
            }
        guard merged.utf8.count <= Self.maximumLength, let target = try? Self.checked(merged) else {
            return nil
        }
        return DownloadURL(host, Self.withoutDots(target))
    }

    /// RFC 3986 §5.2.4.
    private static func withoutDots(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for segment in segments {
            switch segment {
            case ".": continue
            case "..": kept = kept.dropLast()
            default: kept.append(segment)
            }
        }
        if let last = segments.last, last == "." || last == ".." { kept.append("") }
        return "/" + kept.joined(separator: "/") + target[path.endIndex...]
    }

    /// As the Host field has it (RFC 9110 §7.2).
    var authority: String {
        host.port == 80 ? String(host.description.dropLast(3)) : host.description
    }

    public var description: String { "http://\(authority)\(target)" }
}
