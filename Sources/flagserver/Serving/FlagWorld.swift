import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import FlagSite
import HTTPWire
import Records

/// LOCAL, DELAY, ERROR, CHAOS and FAULT with proxies, a ring of records and a control port: those
/// of the process, or private ones for a test. Loop thread only.
final class FlagWorld {
    /// As it was started, or read again since then.
    var settings: Settings
    let world: World
    /// The last records, for the control port; nil without one.
    let journal: Journal?
    private(set) var api: ControlAPI?
    private let site: FlagSite
    /// Where it finds free ports.
    let ports: FreePorts
    /// nil: it is off.
    let charfinder: CharfinderService?

    var registry: ProxyRegistry { world.registry }

    /// Nothing listens yet.
    init(
        _ settings: Settings, _ world: World, journal: Journal?, site: FlagSite,
        charfinder: CharfinderService? = nil, ports: FreePorts = FreePorts()
    ) {
        self.charfinder = charfinder
        (self.settings, self.world, self.journal) = (settings, world, journal)
        (self.site, self.ports) = (site, ports)
        world.environment.hasFaultFields = settings.hasFaultFields
    }

    /// Options of the process's own world, or of a private one.
    static func options(_ settings: Settings, name: String? = nil) -> World.Options {
        var options = World.Options(seed: settings.seed)
        options.name = name
        options.errors = settings.respond
        options.extraFields = extraFields(settings.options)
        return options
    }

    static func extraFields(_ options: ServeOptions) -> [HTTPField] {
        options.faults.cors ? [HTTPField("Access-Control-Allow-Origin", "*")] : []
    }

    /// What can be asked for, for the counts of attempts.
    func use(targets: Set<UInt64>) {
        for name in FlagServer.allCases {
            registry[name.rawValue]?.proxy.register(targets: targets)
        }
    }

    // MARK: Opening

    /// Lets everything listen.
    ///
    /// - Parameter access: who may use the control port, and how it looks.
    /// - Throws: `CommandLineError`; what listens already goes on.
    func open(_ access: APIOptions) throws {
        for name in FlagServer.allCases { try open(name) }
        for server in CharfinderServer.allCases { try open(server) }
        if let local = registry["local"]?.proxy {
            world.environment.elsewhere = "http://\(local.authority)"
        }
        if let names = settings.names { try open(names) }
        for proxy in settings.flagServers.values { try put(proxy) }
        // Before the proxies: none of them may lead to it.
        try openControl(access)
        for specification in settings.proxies { try open(specification) }
    }

    private func open(_ name: FlagServer) throws {
        let faults = name == .fault ? faultSite : nil
        guard let port = settings.ports[name], let upstream = upstream(of: name, faults) else {
            return
        }
        let proxy = Proxy(
            name: name.rawValue, upstream: upstream,
            toxics: FlagServers.toxics(of: name, settings),
            mix: FlagServers.mix(of: name, settings), environment: world.environment,
            limits: settings.timeLimits, errors: settings.respond,
            extraFields: Self.extraFields(settings.options),
            requestLimits: FlagServers.limits(of: name, settings),
            otherTarget: faults?.other ?? { [site] in site.other(than: $0, seed: $1) },
            requestedFaults: faults)
        do throws(ProxyError) {
            try ports.bind(port) { port throws(ProxyError) in
                _ = try registry.add(builtIn: proxy, listen: settings.bind.listen(port: port))
            }
        } catch {
            throw CommandLineError(error, of: name.rawValue) { port in
                let other = port < 65_000 ? port + 1000 : port - 1000
                let off = [.chaos, .fault].contains(name) ? ", or --ports \(name)=off" : ""
                return "Use --ports 0 for free ports, or --ports \(name.rawValue)=\(other)\(off)."
            }
        }
    }

    private func open(_ names: NameServerSettings) throws {
        let zone = try names.zone(countries: site.store.countries.map(\.description))
        let name = NameServerSettings.proxyName
        let proxy = Proxy(
            name: name, protocol: .dns, upstream: .names(zone), toxics: names.toxics,
            environment: world.environment, limits: settings.timeLimits,
            requestLimits: names.limits)
        do throws(ProxyError) {
            try ports.bind(names.port) { port throws(ProxyError) in
                _ = try registry.add(builtIn: proxy, listen: settings.bind.listen(port: port))
            }
        } catch {
            throw CommandLineError(error, of: "the name server") { port in
                "Use --dns \(port < 65_000 ? port + 1000 : port - 1000), or --dns 0 for a free "
                    + "port."
            }
        }
    }

    /// What a listing says of a flag server, which its options cannot: once all of them are open,
    /// for CHAOS leads to LOCAL.
    private func put(_ proxy: ConfigurationProxy) throws {
        guard !proxy.upstream.isEmpty || !proxy.isEnabled, registry[proxy.name] != nil else {
            return
        }
        let upstream = proxy.upstream.isEmpty ? nil : proxy.upstream
        do throws(ProxyError) {
            try registry.update(
                proxy.name, ProxyChanges(upstream: upstream, isEnabled: proxy.isEnabled))
        } catch {
            throw CommandLineError(.configuration, "\(error)", at: proxy.place)
        }
    }

    /// What reads the URLs of FAULT.
    private var faultSite: FaultSite {
        FaultSite(site, seed: settings.seed, extraFields: Self.extraFields(settings.options))
    }

    /// The flags, or for CHAOS the real port of LOCAL.
    private func upstream(of name: FlagServer, _ faults: FaultSite?) -> Upstream? {
        if let faults { return .site(faults.answer) }
        guard name == .chaos else {
            return .site(site.site { [unowned self] in words(of: name, for: $0) })
        }
        guard let address = registry["local"]?.proxy.addresses.first else { return nil }
        let text = settings.bind == .all ? "127.0.0.1:\(address.port)" : "\(address)"
        return Backend(text).map(Upstream.address)
    }

    /// What the page says: `ERROR: 25 % → 418 / 503, 50 % → 0.5 s`. It comes from `name`, but
    /// whoever has asked for it at a proxy before that meets what the proxy does.
    private func words(of name: FlagServer, for request: HTTPRequest) -> String {
        let host = request.singleValue(of: "host").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let port = (try? HostAndPort.split(host)).flatMap { HostAndPort.port($0.port) }
        let asked = registry.proxies.first { $0.proxy.port == port && $0.isEnabled }
        guard let met = asked ?? registry[name.rawValue] else { return name.label }
        let label = FlagServer(rawValue: met.name)?.label ?? met.name
        return "\(label): \(Toxic.words(met.proxy.toxics, mix: met.proxy.mix))"
    }

    private func open(_ specification: ProxySpecification) throws {
        do throws(ProxyError) {
            guard let listen = freePort(specification) else {
                return _ = try registry.create(specification, origin: .start)
            }
            try ports.bind(0) { port throws(ProxyError) in
                var specification = specification
                specification.listen = "\(listen.with(port: port))"
                try registry.create(specification, origin: .start)
            }
        } catch {
            let refusal = CommandLineError(error, of: "proxy '\(specification.name)'") { _ in
                "Choose another port for proxy '\(specification.name)'."
            }
            throw settings.located(refusal, ofProxy: specification.name)
        }
    }

    /// Where a proxy listens that takes any port.
    private func freePort(_ specification: ProxySpecification) -> ListenAddress? {
        let listen = try? ListenAddress(specification.listen, emptyHost: registry.emptyHost)
        return listen?.port == 0 && specification.isEnabled ? listen : nil
    }

    private func openControl(_ access: APIOptions) throws {
        guard let port = settings.control.port else { return }
        var options = access
        options.allowedHosts = settings.control.allowedHosts
        options.token = settings.control.token
        options.acceptsAnyHost = settings.control.token != nil
        options.errors = settings.respond
        options.seed = settings.seed
        do throws(ProxyError) {
            try ports.bind(port) { port throws(ProxyError) in
                api = try world.openControl(
                    options, on: settings.control.bind.listen(port: port), journal: journal)
                api?.flags = pictures
            }
        } catch {
            throw CommandLineError(error, of: "the control port") { port in
                "Use --control \(port < 65_000 ? port + 1000 : port - 1000) or --control off."
            }
        }
    }

    // MARK: What there is

    /// The flags as the page shows them.
    private var pictures: FlagPictures {
        FlagPictures(answer: { [site] in site.answer($0) }) { [site] in
            site.store.countries.map(\.description)
        }
    }

    /// Has the record of every exchange kept, and handed to all of `hearers`.
    func hear(_ hearers: [(ExchangeRecord) -> Void]) {
        guard let journal else { return hand(recordsTo: hearers) }
        guard !hearers.isEmpty else { return world.environment.onRecord = { journal.append($0) } }
        world.environment.onRecord = { record in
            for hearer in hearers { hearer(record) }
            journal.append(record)
        }
    }

    /// Keeps records no more, and forgets those that there are.
    func forget(_ hearers: [(ExchangeRecord) -> Void]) {
        hand(recordsTo: hearers)
        journal?.forgetAll()
    }

    private func hand(recordsTo all: [(ExchangeRecord) -> Void]) {
        guard !all.isEmpty else { return world.environment.onRecord = nil }
        world.environment.onRecord = { record in for hearer in all { hearer(record) } }
    }

    /// Where everything is, for whoever waits for it.
    var places: [ReadyFile.Place] {
        let page = site.store.page.dropLast()
        var places = registry.proxies.map { registered in
            let proxy = registered.proxy
            let isSite = FlagServer(rawValue: registered.name)?.beginsWithFlags ?? false
            let scheme = proxy.protocol == .http ? "http" : proxy.protocol.rawValue
            return ReadyFile.Place(
                name: registered.name,
                url: "\(scheme)://\(proxy.authority)\(isSite ? page : "")", port: proxy.port)
        }
        if let control = world.control {
            places.append(
                ReadyFile.Place(
                    name: "control", url: "http://\(control.authority)", port: control.port))
        }
        return places
    }
}
