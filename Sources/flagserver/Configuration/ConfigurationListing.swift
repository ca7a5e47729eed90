import ChaosProxy
import EventLoop

/// What `GET /proxies` prints, as a configuration: a mapping from names to proxies. The flag
/// servers in it are those that there are, where `listen` says.
struct ConfigurationListing {
    let names: [String]
    /// Of each name.
    let proxies: [ConfigurationNode]

    /// - Returns: nil unless all values have `listen` and `upstream`.
    init?(_ node: ConfigurationNode) {
        guard case .mapping(let pairs) = node.content, !pairs.isEmpty else { return nil }
        names = pairs.map(\.key.asWritten)
        proxies = pairs.map(\.value)
        let areProxies = proxies.allSatisfy { value in
            guard let fields = try? ConfigurationFields(value, "a proxy") else { return false }
            return fields["listen"] != nil && fields["upstream"] != nil
        }
        guard areProxies else { return nil }
    }

    /// The options that say where the flag servers are, or that there are none.
    ///
    /// - Throws: `CommandLineError` 78 if they are on several addresses.
    static func options(_ proxies: [ConfigurationProxy]) throws -> [Configuration.Option] {
        var ports: [FlagServer: UInt16] = [:]
        var host: ListenAddress.Hosts?
        for proxy in proxies {
            guard let server = proxy.flagServer else { continue }
            let address = try address(proxy)
            guard host == nil || host == address.hosts else {
                throw CommandLineError(
                    .configuration,
                    "the flag servers listen on one address, and '\(proxy.name)' on another one. "
                        + "Change its listen.", at: proxy.place)
            }
            (host, ports[server]) = (address.hosts, address.port)
        }
        guard let first = proxies.first else { return [] }
        let more = try charfinder(proxies) + names(proxies)
        guard let place = proxies.first(where: { $0.flagServer != nil })?.place, let host else {
            return [Configuration.Option(name: "ports", value: "off", place: first.place)] + more
        }
        let list = FlagServer.allCases.map { "\($0)=\(ports[$0].map { "\($0)" } ?? "off")" }
        let all = [("ports", list.joined(separator: ",")), ("bind", bind(host))]
        return all.map { Configuration.Option(name: $0, value: $1, place: place) } + more
    }

    /// Which of charfinder's servers there are, and where.
    private static func charfinder(
        _ proxies: [ConfigurationProxy]
    ) throws -> [Configuration.Option] {
        let own = proxies.filter { $0.charfinder != nil }
        guard let place = own.first?.place else { return [] }
        let entries = try CharfinderServer.allCases.map { server in
            let proxy = own.first { $0.charfinder == server }
            return "\(server.word)=\(try proxy.map { "\(try address($0).port)" } ?? "off")"
        }
        let list = entries.joined(separator: ",")
        return [Configuration.Option(name: "charfinder", value: list, place: place)]
    }

    /// Whether there is a name server, and where.
    private static func names(_ proxies: [ConfigurationProxy]) throws -> [Configuration.Option] {
        try proxies.filter(\.isNameServer).map { proxy in
            Configuration.Option(
                name: NameServerSettings.proxyName, value: "\(try address(proxy).port)",
                place: proxy.place)
        }
    }

    private static func address(_ proxy: ConfigurationProxy) throws -> ListenAddress {
        if let port = HostAndPort.port(proxy.listen) {
            return ListenAddress(.loopbacks, port: port)
        }
        let address = try ListenAddress(proxy.listen)
        // Both loopbacks are shown as the first of them.
        guard case .one(let one) = address.hosts, one.host == "127.0.0.1" else { return address }
        return ListenAddress(.loopbacks, port: address.port)
    }

    private static func bind(_ hosts: ListenAddress.Hosts) -> String {
        switch hosts {
        case .loopbacks: "loopback"
        case .all: "all"
        case .one(let address): address.host
        }
    }
}
