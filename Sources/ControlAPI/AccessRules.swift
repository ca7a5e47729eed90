import ChaosProxy
import EventLoop
import HTTPWire

/// Who may use the control port: programs of this machine and our own page, but no page of another
/// site, whatever name it has given this host (DNS rebinding).
struct AccessRules {
    let options: APIOptions
    /// Where the control port listens.
    let addresses: [SocketAddress]

    /// The answer to a request that is refused; nil if it is not.
    func refusal(of request: HTTPRequest) -> HTTPResponse? {
        if let authority = Self.authorities(of: request).first(where: { !isOurs($0) }) {
            let advice =
                options.mode == .flagserver
                ? "or allow the name with --allowed-host" : "or let it listen on another host"
            return .text(
                421, "This server is not called '\(authority)'. Use localhost, \(advice).\n")
        }
        guard !isFromElsewhere(request) else {
            return .text(403, "Pages of other sites may not use this server.\n")
        }
        guard hasToken(request) || isPage(request) else {
            let challenge = HTTPField("WWW-Authenticate", "Bearer realm=\"flagserver\"")
            return .text(401, "This server wants its token.\n", [challenge])
        }
        return nil
    }

    /// Toxiproxy's rule against pages of other sites.
    static func isBrowser(_ request: HTTPRequest) -> Bool {
        request.values(of: "user-agent").contains { $0.starts(with: "Mozilla/".utf8) }
    }

    // MARK: Host

    /// What the request calls this host: in Host, and in a target of the absolute-form.
    private static func authorities(of request: HTTPRequest) -> [String] {
        var authorities = texts("host", of: request)
        if request.traits.contains(.otherForm) {
            let target = String(decoding: request.target, as: UTF8.self)
            let parts = target.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count > 2 {
                authorities.append(String(parts[2].prefix { $0 != "?" }))
            }
        }
        return authorities
    }

    private static func texts(_ name: StaticString, of request: HTTPRequest) -> [String] {
        request.values(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    private func isOurs(_ authority: String) -> Bool {
        options.acceptsAnyHost || isKnown(authority)
    }

    /// Whatever the port: forwarders (`ssh -L`, `docker -p`, nginx) keep that of their own side, or
    /// none.
    private func isKnown(_ authority: String) -> Bool {
        let host = Self.host(of: authority)
        let isAllowed = options.allowedHosts.contains {
            $0.equalsIgnoringCase(host) || $0.equalsIgnoringCase(authority)
        }
        return isAllowed || isOurs(host: host)
    }

    /// Without port, brackets and the dot of the root.
    private static func host(of authority: String) -> String {
        let parts = try? HostAndPort.split(authority)
        var host = parts?.host ?? authority[...]
        if parts == nil, host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        }
        if host.hasSuffix("."), host.count > 1 { host = host.dropLast() }
        return String(host)
    }

    /// A literal address cannot be rebound: that of a listener is as good as the loopback's.
    private func isOurs(host: String) -> Bool {
        if host.equalsIgnoringCase("localhost") { return true }
        guard let address = SocketAddress(host: host, port: 0) else { return false }
        if address.isLoopback { return true }
        return addresses.contains {
            $0.host == address.host || $0.host == "0.0.0.0" || $0.host == "::"
        }
    }

    // MARK: Browsers

    private func isFromElsewhere(_ request: HTTPRequest) -> Bool {
        let sites = Self.texts("sec-fetch-site", of: request)
        // A link to the page: where it comes from cannot read or frame what it opens.
        let isLink = isPage(request) && Self.texts("sec-fetch-mode", of: request) == ["navigate"]
        if !isLink, sites.contains(where: { $0 != "same-origin" && $0 != "none" }) { return true }
        let origins = Self.texts("origin", of: request)
        guard !origins.isEmpty else { return false }
        guard let host = Self.texts("host", of: request).first else { return true }
        // Where any Host goes, a page that has rebound its name looks like our own; it does not
        // know the token.
        guard options.token != nil || isKnown(host) else { return true }
        return origins.contains { !$0.equalsIgnoringCase("http://\(host)") }
    }

    // MARK: Token

    /// Whether it is the page itself, or a picture on it: these tell nothing of what happens here,
    /// and browsers cannot bring a token for them. The page asks for it.
    private func isPage(_ request: HTTPRequest) -> Bool {
        guard options.mode == .flagserver, [.get, .head].contains(request.method) else {
            return false
        }
        let path = String(decoding: request.path, as: UTF8.self)
        if path == "/" { return request.wantsHTML }
        return path == "/flags" || path.hasPrefix("/flags/")
    }

    private func hasToken(_ request: HTTPRequest) -> Bool {
        guard let token = options.token else { return true }
        guard let value = request.singleValue(of: "authorization") else { return false }
        let scheme = "Bearer "
        guard value.count >= scheme.utf8.count,
            UnsafeRawBufferPointer(rebasing: value[..<scheme.utf8.count])
                .equalsIgnoringCase("bearer ")
        else { return false }
        return Self.isEqual(Array(value[scheme.utf8.count...]), Array(token.utf8))
    }

    /// In a time that does not tell how much of it was right.
    private static func isEqual(_ given: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard !wanted.isEmpty else { return false }
        var difference: UInt8 = given.count == wanted.count ? 0 : 1
        for (index, byte) in given.enumerated() {
            difference |= byte ^ wanted[index % wanted.count]
        }
        return difference == 0
    }
}
