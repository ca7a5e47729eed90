import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import FlagSite
import Glibc
import HTTPWire

/// The flag servers, CHAOS and the proxies of the command line, from the first listener to the last
/// answer. Loop thread only.
final class Daemon {
    private let options: ServeOptions
    private let settings: Settings
    private let log: LogWriter
    private let supervisor: Supervisor
    private let site: FlagSite
    private let fixtures: String
    private var loaded: [String: FixtureLoader.Loaded]

    private var environment: ProxyEnvironment { supervisor.environment }
    private var registry: ProxyRegistry { supervisor.registry }
    private var extraFields: [HTTPField] { Self.extraFields(options) }

    /// Loads the fixtures. Nothing is bound yet.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(_ options: ServeOptions, _ settings: Settings, log: LogWriter) throws {
        (self.options, self.settings, self.log) = (options, settings, log)
        let fields = Self.extraFields(options)
        let supervisor = try Supervisor(
            Self.supervision(options, settings), log: { log.write("\($0)\n") })
        self.supervisor = supervisor
        fixtures = FixtureDirectory.find(options.servers.fixtures)
        var loader = FixtureLoader(directory: fixtures)
        let environment = supervisor.environment
        let store = try loader.load(now: environment.date, extraFields: fields)
        loaded = loader.loaded
        for warning in loader.warnings { log.write("warning: \(warning)\n") }
        MemoryPlacement.place(store)
        site = FlagSite(store: store, extraFields: fields) { environment.date }
    }

    private static func supervision(_ options: ServeOptions, _ settings: Settings)
        -> Supervisor.Options
    {
        var supervision = Supervisor.Options(seed: settings.seed)
        supervision.grace = settings.grace
        supervision.maxConnections = settings.maxConnections
        supervision.errors = settings.respond
        supervision.extraFields = extraFields(options)
        supervision.isVerbose = options.output.verbose
        supervision.isQuiet = options.output.quiet
        return supervision
    }

    private static func extraFields(_ options: ServeOptions) -> [HTTPField] {
        options.faults.cors ? [HTTPField("Access-Control-Allow-Origin", "*")] : []
    }

    // MARK: Running

    /// Serves until a signal ends it.
    ///
    /// - Throws: `CommandLineError` if a port cannot be had or the ready file not be written.
    func run() throws {
        let ready = options.control.readyFile.map(ReadyFile.init)
        for name in FlagServerName.allCases { try open(name) }
        // Before the proxies: none of them may lead to it.
        try openControl()
        for specification in settings.proxies { try open(specification) }
        logRecords()
        supervisor.onHangup = { [unowned self] in reload() }
        announce()
        try ready?.write(seed: settings.seed, servers: places)
        supervisor.run()
        ready?.remove()
        if !options.output.quiet {
            log.write(banner.farewell(seconds: supervisor.seconds))
        }
    }

    /// Where everything is, for whoever waits for it.
    private var places: [ReadyFile.Place] {
        var places = registry.proxies.map { registered in
            let proxy = registered.proxy
            let isFlags = FlagServerName(rawValue: registered.name) != nil
            let scheme = proxy.protocol == .http ? "http" : proxy.protocol.rawValue
            return ReadyFile.Place(
                name: registered.name,
                url: "\(scheme)://\(proxy.authority)\(isFlags ? "/flags" : "")", port: proxy.port)
        }
        if let control = supervisor.control {
            places.append(
                ReadyFile.Place(
                    name: "control", url: "http://\(control.authority)", port: control.port))
        }
        return places
    }

    // MARK: Opening

    private func open(_ name: FlagServerName) throws {
        guard let port = settings.ports[name], let upstream = upstream(of: name) else { return }
        let proxy = Proxy(
            name: name.rawValue, upstream: upstream,
            toxics: FlagServers.toxics(of: name, settings),
            mix: FlagServers.mix(of: name, settings), environment: environment,
            errors: settings.respond, extraFields: extraFields)
        proxy.register(targets: site.store.responses.map(\.target))
        do throws(ProxyError) {
            try registry.add(
                builtIn: proxy, listen: settings.bind.listen(port: port),
                limits: supervisor.listenerLimits())
        } catch {
            throw CommandLineError(error, of: name.rawValue) { port in
                let other = port < 65_000 ? port + 1000 : port - 1000
                let off = name == .chaos ? ", or --ports chaos=off" : ""
                return "Use --ports 0 for free ports, or --ports \(name.rawValue)=\(other)\(off)."
            }
        }
    }

    /// The flags, or for CHAOS the real port of LOCAL.
    private func upstream(of name: FlagServerName) -> Upstream? {
        guard name == .chaos else { return .site(site.answer) }
        guard let address = registry["local"]?.proxy.addresses.first else { return nil }
        let text = settings.bind == .all ? "127.0.0.1:\(address.port)" : "\(address)"
        return Backend(text).map(Upstream.address)
    }

    private func open(_ specification: ProxySpecification) throws {
        do throws(ProxyError) {
            try registry.create(specification, origin: .start)
        } catch {
            throw CommandLineError(error, of: "--proxy \(specification.name)") { _ in
                "Choose another port in --proxy."
            }
        }
    }

    private func openControl() throws {
        guard let port = settings.control.port else { return }
        var options = APIOptions()
        options.allowedHosts = settings.control.allowedHosts
        options.token = settings.control.token
        options.acceptsAnyHost = settings.control.token != nil
        options.errors = settings.respond
        do throws(ProxyError) {
            try supervisor.openControl(options, on: settings.control.bind.listen(port: port))
        } catch {
            throw CommandLineError(error, of: "the control port") { port in
                "Use --control \(port < 65_000 ? port + 1000 : port - 1000) or --control off."
            }
        }
    }

    // MARK: What is told

    private func announce() {
        guard !options.output.quiet else { return }
        log.write(isForPeople ? banner.people : banner.lines)
        let backlog = Listener.kernelBacklog
        if options.output.verbose || backlog < 1024 {
            log.write("note: the kernel keeps \(backlog) clients waiting per server (somaxconn)\n")
        }
    }

    private var isForPeople: Bool {
        options.output.logFormat == .auto && isatty(STDERR_FILENO) == 1
    }

    private var banner: Banner {
        let servers = registry.proxies.map { registered in
            let proxy = registered.proxy
            let name = FlagServerName(rawValue: registered.name)
            return Banner.Server(
                flagServer: name, name: registered.name, protocol: proxy.protocol,
                authority: proxy.authority, addresses: proxy.addresses.map { "\($0)" },
                upstream: proxy.upstream.isSite ? nil : registered.upstreamText,
                summary: name.map { FlagServers.summary(of: $0, settings) }
                    ?? FaultSummary.text(proxy.toxics, mix: proxy.mix),
                counters: proxy.counters)
        }
        return Banner(
            seed: settings.seed, bind: settings.bind, errorRate: settings.errorRate.fraction,
            edition: options.servers.edition, engine: supervisor.loop.engine, fixtures: fixtures,
            countries: site.store.countries.count,
            fixtureBytes: site.store.responses.reduce(0) { $0 + $1.body.count }, servers: servers,
            control: supervisor.control.map {
                Banner.Control(
                    authority: $0.authority, addresses: $0.addresses.map { "\($0)" })
            }, notes: settings.notes)
    }

    private func logRecords() {
        guard !options.output.quiet else { return }
        let hasColor =
            switch options.output.color {
            case .always: true
            case .never: false
            // Set but empty counts as not set (no-color.org).
            case .auto: isForPeople && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
            }
        let style: AccessLog.Style =
            options.output.logFormat == .json ? .json : isForPeople ? .people : .text
        let format = AccessLog(style: style, hasColor: hasColor, seed: settings.seed)
        environment.onRecord = { [log] in
            log.write(format.line($0, at: Supervisor.wallClock()))
        }
    }

    // MARK: Fixtures

    /// Reads the fixtures anew, all or nothing. Responses under way finish with the old bytes.
    private func reload() {
        var loader = FixtureLoader(directory: fixtures, previous: loaded)
        // Last-Modified must not be later than Date (RFC 9110 §8.8.2.1).
        environment.date = Int64(Supervisor.wallClock().tv_sec)
        do {
            let store = try loader.load(now: environment.date, extraFields: extraFields)
            loaded = loader.loaded
            MemoryPlacement.place(store)
            site.store = store
            for name in FlagServerName.allCases {
                registry[name.rawValue]?.proxy.register(targets: store.responses.map(\.target))
            }
            for warning in loader.warnings { log.write("warning: \(warning)\n") }
            log.write("reloaded \(fixtures): \(store.countries.count) countries\n")
        } catch {
            log.write("error: not reloaded, the old fixtures stay: \(error)\n")
        }
    }
}
