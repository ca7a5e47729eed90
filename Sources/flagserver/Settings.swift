import ChaosProxy
import EventLoop
import Faults
import HTTPWire

/// The options, read and checked.
struct Settings {
    enum Bind: Equatable {
        case loopback
        case all
        case address(SocketAddress)
    }

    let ports: Ports
    let bind: Bind
    let delay: ClosedRange<Nanoseconds>
    let delayRate: Probability
    let errorRate: Probability
    let errorMode: ErrorMode
    let respond: Fault.Respond
    /// `--behavior`: CHAOS has it instead of independent toxics.
    let behavior: BehaviourMix?
    /// `--toxic` for the flag servers, behind those that make them what they are.
    private(set) var addedToxics: [FlagServerName: [Toxic]] = [:]
    /// `--proxy`, with its toxics and mix.
    private(set) var proxies: [ProxySpecification] = []
    let control: ControlSettings
    let seed: UInt64
    let grace: Nanoseconds
    let maxConnections: Int?

    /// - Throws: `CommandLineError` with status 64, naming the option and what to write instead.
    init(_ options: ServeOptions) throws {
        let edition = options.servers.edition
        let faults = options.faults
        ports =
            try options.servers.ports.map { try Ports($0, defaults: edition.ports) }
            ?? edition.ports
        bind = try Self.bind(options.servers.bind, option: "--bind")
        delay = try OptionValues.delay(faults.delay ?? edition.delay, option: "--delay")
        delayRate = try OptionValues.probability(
            faults.delayRate ?? edition.delayRate, option: "--delay-rate")
        errorRate = try OptionValues.probability(faults.errorRate, option: "--error-rate")
        errorMode = faults.errorMode
        respond = Fault.Respond(
            statuses: try OptionValues.statuses(
                faults.errorStatus ?? edition.errorStatus, option: "--error-status"),
            retryAfter: faults.retryAfter == "none"
                ? nil : try OptionValues.time(faults.retryAfter, option: "--retry-after"))
        behavior = try Self.mix(options.proxies.behavior, errors: respond)
        // Seven digits are enough to be different and short enough to be typed again.
        seed = faults.seed ?? UInt64.random(in: 1_000_000...9_999_999)
        grace = try OptionValues.time(options.control.grace, option: "--grace")
        control = try ControlSettings(options.control, ports: ports)
        maxConnections = try Self.connections(options.control.maxConnections)
        proxies = try proxies(options.proxies)
        try checkPorts()
        for text in faults.toxic { try add(ToxicOption(text, targets: targets)) }
    }

    // MARK: Proxies and their toxics

    private func proxies(_ options: ProxyOptions) throws -> [ProxySpecification] {
        let proxyProtocol = try ProxyOption.proxyProtocol(options.protocolName)
        let errors = proxyProtocol == .tcp ? nil : respond
        let mix = try Self.mix(options.behavior, errors: errors)
        return try ProxyOption.all(options.proxy, bind: bind).map { option in
            ProxySpecification(
                name: option.name, listen: "\(option.listen)", upstream: "\(option.backend)",
                protocol: proxyProtocol, mix: mix)
        }
    }

    /// Ports that are known before anything is bound cannot be had twice.
    private func checkPorts() throws {
        var owners: [UInt16: String] = [:]
        for name in FlagServerName.allCases {
            if let port = ports[name], port != 0 { owners[port] = name.rawValue }
        }
        if let port = control.port, let other = owners[port] {
            throw OptionValues.usage(
                "\(other) and the control port cannot share port \(port). Use --control with "
                    + "another port, or off.")
        }
        if let port = control.port, port != 0 { owners[port] = "the control port" }
        for proxy in proxies {
            guard let port = HostAndPort(proxy.listen)?.port, let other = owners[port] else {
                continue
            }
            throw OptionValues.usage(
                "--proxy: \(proxy.name) and \(other) cannot share port \(port).")
        }
    }

    /// The proxies that `--toxic` can name.
    private var targets: [ToxicOption.Target] {
        let servers = FlagServerName.allCases.filter { ports[$0] != nil }.map {
            ToxicOption.Target(
                name: $0.rawValue, protocol: .http, toxics: FlagServers.toxics(of: $0, self))
        }
        return servers
            + proxies.map {
                ToxicOption.Target(
                    name: $0.name, protocol: $0.protocol ?? .tcp, toxics: $0.toxics)
            }
    }

    private mutating func add(_ option: ToxicOption) throws {
        let count: Int
        if let server = FlagServerName(rawValue: option.proxy) {
            addedToxics[server, default: []].append(option.toxic)
            count = FlagServers.toxics(of: server, self).count
        } else {
            guard let index = proxies.firstIndex(where: { $0.name == option.proxy }) else { return }
            proxies[index].toxics.append(option.toxic)
            count = proxies[index].toxics.count
        }
        guard count <= ProxySpecification.maximumToxics else {
            throw OptionValues.usage(
                "proxy '\(option.proxy)' has more than \(ProxySpecification.maximumToxics) toxics.")
        }
    }

    /// What was decided without being asked for.
    var notes: [String] {
        ports.lacksLocal ? ["CHAOS is off, for LOCAL, to which it leads, is off"] : []
    }

    // MARK: One by one

    private static func connections(_ count: Int?) throws -> Int? {
        if let count, count < 1 {
            throw OptionValues.usage("--max-connections \(count) would accept nobody.")
        }
        if let count, count > 1_000_000 {
            throw OptionValues.usage("--max-connections \(count) is more than a million.")
        }
        return count
    }

    static func bind(_ text: String, option: String) throws -> Bind {
        switch text {
        case "loopback", "localhost": return .loopback
        case "all": return .all
        default:
            guard let address = SocketAddress(host: text, port: 0) else {
                throw OptionValues.usage(
                    "\(option) \(text) is no address. Write loopback, all, or one like 192.0.2.7.")
            }
            return .address(address)
        }
    }

    /// - Throws: `CommandLineError` 64 with the reason of `BehaviourMix`.
    private static func mix(_ text: String?, errors: Fault.Respond?) throws -> BehaviourMix? {
        guard let text else { return nil }
        do {
            return try BehaviourMix(text, options: [:], errors: errors)
        } catch {
            throw OptionValues.usage(error.description)
        }
    }
}
