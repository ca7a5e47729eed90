import EventLoop

/// Where the flags come from: a flag server's label with its URL, or a URL alone.
struct DownloadSite: Equatable {
    /// What a site is called that was given by its URL alone.
    static let customLabel = "CUSTOM"
    static let defaultLabel = FlagServer.local.label
    private static let maximumURL = 2_000

    /// As it stands in the first line of the report: `ERROR`.
    let label: String
    /// Before `/br/br.gif`: `http://localhost:8003/flags`.
    let url: String

    /// `--base-url` wins over the environment, and that over the edition's ports. A label that is
    /// given beside `--base-url` stays what the site is called.
    ///
    /// - Parameters:
    ///   - label: `LOCAL` to `FAULT` in any case, `FAULT/latency;latency=2s` for a fault; nil: the
    ///     default.
    ///   - baseURL: as it was typed.
    ///   - variable: the value of an environment variable; nil if it is not set.
    init(
        label: String?, baseURL: String?, edition: Edition, variable: (String) -> String?
    ) throws(GetUsageError) {
        let parts = (label ?? Self.defaultLabel).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0]).uppercased()
        let server = try Self.server(name)
        let fault = parts.count > 1 ? String(parts[1]) : nil
        guard fault == nil || server == .fault && baseURL == nil else {
            throw GetUsageError(
                "--server \(name) takes no fault; only FAULT does, and not with --base-url URL.")
        }
        if let baseURL {
            self.label = label == nil ? Self.customLabel : name
            url = try Self.checked(baseURL, "--base-url")
            return
        }
        self.label = name
        let root = try Self.root(of: server, edition, variable)
        url =
            server.beginsWithFlags
            ? root : try Self.checked("\(root)/\(fault ?? "ok")/flags", "--server \(name)")
    }

    private static func server(_ name: String) throws(GetUsageError) -> FlagServer {
        if let server = FlagServer.allCases.first(where: { $0.label == name }) { return server }
        guard name != "REMOTE" else {
            throw GetUsageError(
                "--server REMOTE is the book's own site, which is not for tests; name another one "
                    + "with --base-url URL.")
        }
        let labels = FlagServer.allCases.map(\.label).sorted()
        throw GetUsageError("--server LABEL must be one of \(labels.joined(separator: ", "))")
    }

    /// Of the servers that were started on free ports, or else on those of the edition.
    private static func root(
        of server: FlagServer, _ edition: Edition, _ variable: (String) -> String?
    ) throws(GetUsageError) -> String {
        let name = "FLAGS_\(server.label)_URL"
        if let url = variable(name), !url.isEmpty { return try checked(url, name) }
        let path = server.beginsWithFlags ? "/flags" : ""
        return "http://localhost:\(edition.ports[server] ?? 0)\(path)"
    }

    // MARK: URLs

    /// Without slashes at its end, and with its scheme.
    ///
    /// - Parameter source: what it was given by.
    private static func checked(
        _ text: String, _ source: String
    ) throws(GetUsageError) -> String {
        let isVisible = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        let isPlain = !text.contains { "?#\\\"<>".contains($0) }
        guard isVisible, isPlain, text.utf8.count <= maximumURL else {
            throw GetUsageError(
                "\(source) must be a URL of visible ASCII characters without ? and #, like "
                    + "http://localhost:9000/flags.")
        }
        var url = try withScheme(text, source)
        while url.hasSuffix("/") { url.removeLast() }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        let host = HostAndPort(String(authority)) ?? HostAndPort("\(authority):80")
        guard let host, host.port > 0 else {
            throw GetUsageError(
                "\(source) \(text) needs a host, with a port from 1 to 65535 if it has one.")
        }
        return url
    }

    private static func withScheme(
        _ text: String, _ source: String
    ) throws(GetUsageError) -> String {
        guard let end = text.firstRange(of: "://") else { return "http://\(text)" }
        let scheme = text[..<end.lowerBound].lowercased()
        guard scheme == "http" else {
            throw GetUsageError(
                "\(source) \(text) must begin with http://; flagget speaks no TLS.")
        }
        return "http://\(text[end.upperBound...])"
    }
}
