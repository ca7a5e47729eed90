import ChaosProxy
import EventLoop
import Faults
import HTTPWire
import Names

/// The options, read and checked.
struct Settings {
    /// As they were read.
    let options: ServeOptions
    let ports: Ports
    let bind: Bind
    /// nil: off.
    let charfinder: CharfinderSettings?
    let delay: ClosedRange<Nanoseconds>
    let delayRate: Probability
    let errorRate: Probability
    let errorMode: ErrorMode
    let respond: Respond
    /// nil: there is no name server.
    private(set) var names: NameServerSettings?
    /// `--behavior`: CHAOS has it instead of independent toxics.
    let behavior: BehaviourMix?
    /// `--toxic` for the flag servers, behind those that make them what they are.
    private(set) var addedToxics: [FlagServer: [Toxic]] = [:]
    /// What a configuration file says of the flag servers.
    private(set) var flagServers: [FlagServer: ConfigurationProxy] = [:]
    /// What `--toxic` and a configuration file say of charfinder's servers.
    private(set) var charfinderProxies = Self.ownProxies
    /// `--proxy` and those of a configuration file, with toxics, mix and limits.
    private(set) var proxies: [ProxySpecification] = []
    /// Where those of a configuration file stand in it.
    private var places: [String: CommandLineError.Place] = [:]
    /// Of each flag server.
    let limits: RequestLimits
    let control: ControlSettings
    let seed: UInt64
    let grace: Nanoseconds
    /// Where a line for each exchange goes: a file, or `-` for stdout.
    let journal: String?
    /// Records that the control port has.
    let ring: Int
    /// Of clients of the flag servers.
    let timeLimits: TimeLimits
    /// Where the log goes; nil: to stderr.
    let logFile: String?
    /// Whether answers that met a fault carry `Server-Timing`.
    let hasFaultFields: Bool
    /// Where private worlds find their ports; nil: the kernel chooses.
    let worldPorts: ClosedRange<UInt16>?

    var maxConnections: Int? { limits.maxConnections }

    /// - Parameters:
    ///   - sources: where the options come from; nil if there is no configuration file.
    ///   - drawn: the seed if the options have none; nil: a new one is drawn.
    /// - Throws: `CommandLineError` with status 64, naming the option and what to write instead;
    ///   78 with the place if a configuration file is the reason.
    init(
        _ options: ServeOptions, _ sources: OptionSources? = nil, drawn: UInt64? = nil
    ) throws {
        do {
            try self.init(checking: options, sources?.configuration, drawn)
        } catch let error as CommandLineError {
            guard error.place == nil, let sources else { throw error }
            throw sources.located(error) {
                _ = try Settings(checking: $0, sources.configuration, drawn)
            }
        }
    }

    /// Without the place of a mistake that shows only in all of it together.
    init(
        checking options: ServeOptions, _ configuration: Configuration?, _ drawn: UInt64?
    ) throws {
        let edition = options.servers.edition
        let faults = options.faults
        self.options = options
        ports =
            try options.servers.ports.map { try Ports($0, defaults: edition.ports) }
            ?? edition.ports
        bind = try Bind(options.servers.bind, option: "--bind")
        charfinder = try CharfinderSettings(options.servers, ports)
        delay = try OptionValues.delay(faults.delay ?? edition.delay, option: "--delay")
        delayRate = try OptionValues.probability(
            faults.delayRate ?? edition.delayRate, option: "--delay-rate")
        errorRate = try OptionValues.probability(faults.errorRate, option: "--error-rate")
        errorMode = faults.errorMode
        respond = try Self.respond(faults, edition)
        behavior = try Self.mix(options.proxies.behavior, errors: respond)
        // Seven digits are enough to be different and short enough to be typed again.
        seed = faults.seed ?? drawn ?? UInt64.random(in: 1_000_000...9_999_999)
        grace = try OptionValues.time(options.control.grace, option: "--grace")
        control = try ControlSettings(options.control, ports: ports)
        limits = try RequestLimitOptions.limits(options.limits)
        journal = try Self.file(options.control.journal, "--journal needs a file, or - for stdout.")
        worldPorts = try options.control.worldPorts.map(Self.worldPorts)
        ring = try OptionValues.count(
            options.control.ring, 1...Self.maximumRing, option: "--ring")
        timeLimits = try Self.timeLimits(options.limits.keepAlive)
        logFile = try Self.file(options.output.logFile, "--log-file needs a file.")
        hasFaultFields = !faults.noFaultHeaders
        names = try NameServerSettings(options.servers.dns, ports, configuration)
        proxies = try proxies(options.proxies)
        try checkPorts()
        if let configuration { try add(configuration) }
        try checkSomethingStarts()
        try add(faults.toxic, takesFiles: configuration.map { $0.folder != nil } ?? true)
    }

    /// What ERROR answers.
    private static func respond(_ faults: FaultOptions, _ edition: Edition) throws -> Respond {
        Respond(
            statuses: try OptionValues.statuses(
                faults.errorStatus ?? edition.errorStatus, option: "--error-status"),
            retryAfter: faults.retryAfter == "none"
                ? nil : try OptionValues.time(faults.retryAfter, option: "--retry-after"))
    }

    /// - Parameter takesFiles: whether a toxic may name the file of a script.
    private mutating func add(_ toxics: [String], takesFiles: Bool) throws {
        for text in toxics {
            try add(ToxicOption(text, targets: targets, takesFiles: takesFiles))
        }
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

    /// Without the flag servers there has to be something else.
    private func checkSomethingStarts() throws {
        guard ports.areAllOff, proxies.isEmpty, control.port == nil, charfinder == nil,
            names == nil
        else { return }
        throw OptionValues.usage(
            "--ports \(options.servers.ports ?? "off") and --control off leave nothing to start. "
                + "Give a proxy, --proxy 9000=localhost:5432, or leave the control port on.")
    }

    /// Ports that are known before anything is bound cannot be had twice.
    private func checkPorts() throws {
        var owners = try ownPorts()
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

    /// Of the program's own servers.
    private func ownPorts() throws -> [UInt16: String] {
        var owners: [UInt16: String] = [:]
        for name in FlagServer.allCases {
            if let port = ports[name], port != 0 { owners[port] = name.rawValue }
        }
        for server in CharfinderServer.allCases {
            guard let port = charfinder?[server], port != 0 else { continue }
            guard owners.updateValue(server.rawValue, forKey: port) == nil else {
                throw OptionValues.usage(
                    "--charfinder: \(server.word) and another server cannot share port \(port).")
            }
        }
        if let names, names.port != 0 {
            owners[names.port] = owners[names.port] ?? NameServerSettings.proxyName
        }
        return owners
    }

    // MARK: Of a configuration file

    private mutating func add(_ configuration: Configuration) throws {
        var owners = try ownPorts()
        if let port = control.port, port != 0 { owners[port] = "the control port" }
        for proxy in proxies {
            if let port = HostAndPort(proxy.listen)?.port, port != 0 { owners[port] = proxy.name }
        }
        for proxy in configuration.proxies where !proxy.isNameServer {
            if let server = proxy.flagServer {
                flagServers[server] = proxy
                try check(limitsOf: server, at: proxy.place)
                continue
            }
            if let server = proxy.charfinder {
                charfinderProxies[server] = try specification(proxy)
                continue
            }
            if let port = proxy.listenAddress?.port, let other = owners[port] {
                throw CommandLineError(
                    .configuration,
                    "proxy '\(proxy.name)' and \(other) cannot share port \(port).",
                    at: proxy.place)
            }
            guard !proxies.contains(where: { $0.name == proxy.name }) else {
                throw CommandLineError(
                    .configuration, "there is a --proxy '\(proxy.name)', too.", at: proxy.place)
            }
            proxies.append(try specification(proxy))
            places[proxy.name] = proxy.place
        }
    }

    private func check(limitsOf server: FlagServer, at place: CommandLineError.Place) throws {
        let limits = FlagServers.limits(of: server, self)
        if let reason = ConfigurationProxy.problem(limits, on: .http, server.rawValue) {
            throw CommandLineError(.configuration, reason, at: place)
        }
    }

    /// Of charfinder's servers, without faults.
    private static var ownProxies: [CharfinderServer: ProxySpecification] {
        let specifications = CharfinderServer.allCases.map { server in
            ProxySpecification(
                name: server.rawValue, listen: "", upstream: "", protocol: server.protocol)
        }
        return Dictionary(uniqueKeysWithValues: zip(CharfinderServer.allCases, specifications))
    }

    private func specification(_ proxy: ConfigurationProxy) throws -> ProxySpecification {
        let bare = HostAndPort.port(proxy.listen).flatMap { _ in
            ProxyOption.listen(proxy.listen, bind)
        }
        let errors = proxy.protocol == .tcp ? nil : respond
        return ProxySpecification(
            name: proxy.name, listen: bare.map { "\($0)" } ?? proxy.listen,
            upstream: proxy.upstream, isEnabled: proxy.isEnabled, protocol: proxy.protocol,
            toxics: proxy.toxics ?? [],
            mix: try Self.mix(proxy.behavior, proxy.behaviorOptions, errors: errors),
            limits: RequestLimits().applying(proxy.limits))
    }

    /// Names of its own are those of somebody else's, where it has none.
    mutating func inherit(names entries: [ZoneEntry]) {
        if names?.entries.isEmpty == true { names?.entries = entries }
    }

    /// The mix that a configuration file gives a flag server.
    func configuredMix(of server: FlagServer) -> BehaviourMix? {
        // It was read before, when the file was.
        guard let proxy = flagServers[server], let text = proxy.behavior else { return nil }
        return try? Self.mix(text, proxy.behaviorOptions, errors: respond)
    }

    /// An error of a proxy that shows only when it starts, with its place in a configuration file.
    func located(_ error: CommandLineError, ofProxy name: String) -> CommandLineError {
        guard let place = places[name] else { return error }
        let status = error.status == .usage ? .configuration : error.status
        return CommandLineError(status, error.reason, at: place)
    }

    // MARK: Added toxics

    /// The proxies that `--toxic` can name.
    private var targets: [ToxicOption.Target] {
        let servers = FlagServer.allCases.filter { ports[$0] != nil }.map {
            ToxicOption.Target(
                name: $0.rawValue, protocol: .http, toxics: FlagServers.toxics(of: $0, self))
        }
        let characters = CharfinderServer.allCases.filter { charfinder?[$0] != nil }
        return servers + [names?.target].compactMap(\.self)
            + (characters.compactMap { charfinderProxies[$0] } + proxies).map {
                ToxicOption.Target(
                    name: $0.name, protocol: $0.protocol ?? .tcp, toxics: $0.toxics)
            }
    }

    private mutating func add(_ option: ToxicOption) throws {
        let count: Int
        if let server = FlagServer(rawValue: option.proxy) {
            addedToxics[server, default: []].append(option.toxic)
            count = FlagServers.toxics(of: server, self).count
        } else if let server = CharfinderServer(rawValue: option.proxy) {
            charfinderProxies[server]?.toxics.append(option.toxic)
            count = charfinderProxies[server]?.toxics.count ?? 0
        } else if names != nil, option.proxy == NameServerSettings.proxyName {
            names?.toxics.append(option.toxic)
            count = names?.toxics.count ?? 0
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
        let chaos = ports.lacksLocal ? ["CHAOS is off, for LOCAL, to which it leads, is off"] : []
        let idle =
            flagServers.keys.filter { ports[$0] == nil }.map(\.label).sorted()
            + charfinderProxies.filter { charfinder?[$0.key] == nil && $0.value.hasFaults }
            .map(\.key.rawValue).sorted()
        let range =
            worldPorts != nil && control.port == nil
            ? ["--world-ports has no effect: the control port is off"] : []
        return chaos + range + withoutFlagServers
            + idle.map { "what the configuration says of \($0) has no effect: it is off" }
    }

    /// What is only of the flag servers, and asked for without them.
    private var withoutFlagServers: [String] {
        let given: [(name: String, isGiven: Bool)] = [
            ("--delay", options.faults.delay != nil),
            ("--delay-rate", options.faults.delayRate != nil),
            ("--error-rate", options.faults.errorRate != FaultOptions.standardErrorRate),
            ("--error-status", options.faults.errorStatus != nil),
            ("--error-mode", options.faults.errorMode != .random),
            ("--fixtures", options.servers.fixtures != nil),
        ]
        let names = given.filter(\.isGiven).map(\.name)
        guard ports.areAllOff, !names.isEmpty else { return [] }
        return ["no effect without flag servers: \(names.joined(separator: ", "))"]
    }

    /// What was asked for and is probably not meant.
    var warnings: [String] {
        let codes = respond.statuses.filter { $0.weight > 0 && $0.status.code < 400 }
        guard options.faults.errorStatus != nil, !codes.isEmpty else { return [] }
        let words = codes.map { "\($0.status.code)" }.joined(separator: " and ")
        let (what, whom) = codes.count == 1 ? ("is no error", "it") : ("are no errors", "them")
        return [
            "--error-status: \(words) \(what), clients take \(whom) for what they asked for"
        ]
    }

    // MARK: One by one

    private static let maximumRing = 1_000_000

    /// `20000..20999`
    private static func worldPorts(_ text: String) throws -> ClosedRange<UInt16> {
        let ends = text.split(separator: ".", omittingEmptySubsequences: false)
        guard ends.count == 3, ends[1].isEmpty, let low = HostAndPort.port(String(ends[0])),
            let high = HostAndPort.port(String(ends[2])), 0 < low, low <= high
        else {
            throw OptionValues.usage(
                "--world-ports \(text) is no range of ports. Write 20000..20999.")
        }
        return low...high
    }

    private static func file(_ text: String?, _ refusal: String) throws -> String? {
        guard text != "" else { throw OptionValues.usage(refusal) }
        return text
    }

    /// - Parameter keepAlive: to the second, for that is how often it is looked.
    private static func timeLimits(_ keepAlive: String) throws -> TimeLimits {
        let time = try OptionValues.time(keepAlive, option: "--keep-alive")
        let seconds = (time + 999_999_999) / 1_000_000_000
        guard (1...86_400).contains(seconds) else {
            throw OptionValues.usage("--keep-alive \(keepAlive): write a time from 1s to 24h.")
        }
        var limits = TimeLimits()
        limits.idle = UInt32(seconds)
        return limits
    }

    /// - Throws: `CommandLineError` 64 with the reason of `BehaviourMix`.
    private static func mix(
        _ text: String?, _ options: [Behaviour: Behaviour.Options] = [:], errors: Respond?
    ) throws -> BehaviourMix? {
        guard let text else { return nil }
        do {
            return try BehaviourMix(text, options: options, errors: errors)
        } catch {
            throw OptionValues.usage(error.description)
        }
    }
}

extension ProxySpecification {
    /// Whether anything is said of it that makes it differ.
    fileprivate var hasFaults: Bool { !toxics.isEmpty || mix != nil || limits != RequestLimits() }
}
