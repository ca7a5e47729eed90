/// What a command that we run finds in its environment: ours, and where the servers are.
enum RunEnvironment {
    /// Never handed on as they came: another run's servers, and a line to systemd that is ours.
    private static let replaced =
        FlagServer.allCases.map(variable) + CharfinderServer.allCases.map(\.variable) + [
            dnsVariable, "FLAGS_CONTROL_URL", "TOXIPROXY_URL", "FLAGSERVER_SEED", tokenVariable,
            "NOTIFY_SOCKET",
        ]

    /// Whoever has it can change the servers: only a command that is meant to do that gets it.
    private static let tokenVariable = "FLAGSERVER_CONTROL_TOKEN"

    private static let dnsVariable = "FLAGS_DNS_ADDRESS"

    private static func variable(_ name: FlagServer) -> String { "FLAGS_\(name.label)_URL" }

    /// Where a name server is; who asks it cannot ask for `localhost` first. nil: it is none.
    private static func dnsAddress(_ place: ReadyFile.Place) -> String? {
        let scheme = "\(NameServerSettings.proxyName)://"
        guard place.url.hasPrefix(scheme) else { return nil }
        return String(place.url.dropFirst(scheme.count)).replacing("localhost", with: "127.0.0.1")
    }

    /// - Parameters:
    ///   - inherited: `NAME=value`, each with its final zero byte, in whatever encoding.
    ///   - places: what listens.
    ///   - token: of the control port; nil if it is none of the command's business.
    static func variables(
        inherited: [[CChar]], places: [ReadyFile.Place], seed: UInt64,
        token: String? = nil
    ) -> [[CChar]] {
        let labels = replaced.map { "\($0)=".utf8CString.dropLast() }
        let kept = inherited.filter { entry in !labels.contains { entry.starts(with: $0) } }
        var added = places.compactMap { place in
            FlagServer(rawValue: place.name).map { "\(variable($0))=\(place.url)" }
        }
        added += places.compactMap { place in
            CharfinderServer(rawValue: place.name).map { server in
                // The line protocol has no URLs of its own.
                let address = place.url.firstRange(of: "://").map { place.url[$0.upperBound...] }
                let value = server == .http ? place.url[...] : address ?? place.url[...]
                return "\(server.variable)=\(value)"
            }
        }
        if let control = places.first(where: { $0.name == "control" }) {
            added += ["FLAGS_CONTROL_URL=\(control.url)", "TOXIPROXY_URL=\(control.url)"]
        }
        added += places.compactMap { dnsAddress($0).map { "\(dnsVariable)=\($0)" } }
        added.append("FLAGSERVER_SEED=\(seed)")
        if let token { added.append("\(tokenVariable)=\(token)") }
        return kept + added.map { Array($0.utf8CString) }
    }
}
