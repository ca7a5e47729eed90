import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import FlagSite
import Glibc
import HTTPWire
import Records

/// The flag servers, CHAOS and the proxies of the command line, from the first listener to the last
/// answer. Loop thread only.
final class FlagServersDaemon {
    private var settings: Settings
    private let sources: OptionSources
    private let log: LogWriter
    /// The last records, for the control port; nil without one.
    private let journal: Journal?
    private let journalFile: JournalFile?
    private var api: ControlAPI?
    private var readersTimer: Timer?
    let supervisor: Supervisor
    private let site: FlagSite
    private let ready: ReadyFile?
    /// All get the record of every exchange.
    private var hearers: [(ExchangeRecord) -> Void] = []
    private let source: FixtureSource
    private var fixtures: FixtureSource.Fixtures
    /// What can be asked for, for the counts of attempts.
    private var targets: Set<UInt64>

    private var environment: ProxyEnvironment { supervisor.environment }
    private var registry: ProxyRegistry { supervisor.registry }
    private var options: ServeOptions { settings.options }
    private var extraFields: [HTTPField] { Self.extraFields(options) }

    /// Loads the fixtures. Nothing is bound yet.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(_ settings: Settings, _ sources: OptionSources, log: LogWriter) throws {
        (self.settings, self.sources, self.log) = (settings, sources, log)
        let options = settings.options
        ready = options.control.readyFile.map(ReadyFile.init)
        let fields = Self.extraFields(options)
        let supervisor = try Supervisor(
            Self.supervision(settings), log: { log.write("\($0)\n") })
        self.supervisor = supervisor
        journal = settings.control.port == nil ? nil : Journal()
        let seed = settings.seed
        journalFile = try settings.journal.map {
            do throws(JournalFileError) {
                return try JournalFile($0, log: log) { JournalLine(seed: seed) }
            } catch {
                throw CommandLineError(.cannotWrite, error.description)
            }
        }
        let environment = supervisor.environment
        source = FixtureSource.find(options.servers.fixtures)
        fixtures = try source.load(now: environment.date, extraFields: fields)
        targets = Self.hashes(fixtures.store)
        for warning in fixtures.warnings { log.write("warning: \(warning)\n") }
        site = FlagSite(store: fixtures.store, extraFields: fields) { environment.date }
    }

    private static func hashes(_ store: FlagStore) -> Set<UInt64> {
        Set(store.targets.map { SeededGenerator.hash($0.utf8) })
    }

    private static func supervision(_ settings: Settings) -> Supervisor.Options {
        let options = settings.options
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

    /// Lets everything listen, and tells of it.
    ///
    /// - Throws: `CommandLineError` if a port cannot be had or the ready file not be written.
    func open() throws {
        for name in FlagServer.allCases { try open(name) }
        // Before the proxies: none of them may lead to it.
        try openControl()
        for specification in settings.proxies { try open(specification) }
        keepRecords()
        handRecordsOn()
        supervisor.onHangup = { [unowned self] in reload() }
        announce()
        try ready?.write(seed: settings.seed, servers: places)
    }

    /// Serves until `stop` of the supervisor, which a signal calls.
    func serve() {
        supervisor.run()
        ready?.remove()
        journalFile?.finish(milliseconds: 500)
        if tellsSummary { log.write(SummaryTable.text(summary, width: width)) }
        if !options.output.quiet {
            log.write(banner.farewell(seconds: supervisor.seconds, width: width))
        }
    }

    /// Whether a table is told at the end; what programs read has none.
    var tellsSummary: Bool { !options.output.quiet && options.output.logFormat != .json }

    /// What each has done since the start: the flag servers first, in their order.
    var summary: [SummaryTable.Row] {
        let totals = registry.totals
        let servers = FlagServer.allCases.map(\.rawValue)
        let names = servers + totals.map(\.name).filter { !servers.contains($0) }
        return names.compactMap { name in
            guard let counters = totals.first(where: { $0.name == name })?.counters else {
                return nil
            }
            return SummaryTable.Row(
                name: FlagServer(rawValue: name)?.label ?? name, counters: counters,
                limit: registry[name]?.proxy.requestLimits.maxConcurrency)
        }
    }

    /// Of the terminal that the log goes to; nil if it does not go to one.
    private var width: Int? { isForPeople ? TerminalWidth.columns(of: STDERR_FILENO) : nil }

    /// Where everything is, for whoever waits for it.
    var places: [ReadyFile.Place] {
        var places = registry.proxies.map { registered in
            let proxy = registered.proxy
            let isFlags = FlagServer(rawValue: registered.name) != nil
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

    /// What has been counted since the start, by proxies that were deleted too.
    var figures: [Expectation.Figures] {
        registry.totals.map { Expectation.Figures(name: $0.name, counters: $0.counters) }
    }

    /// How often everything was reset, and what was under way then.
    var resets: (count: Int, underWay: Int) { registry.resets }

    // MARK: Opening

    private func open(_ name: FlagServer) throws {
        guard let port = settings.ports[name], let upstream = upstream(of: name) else { return }
        let proxy = Proxy(
            name: name.rawValue, upstream: upstream,
            toxics: FlagServers.toxics(of: name, settings),
            mix: FlagServers.mix(of: name, settings), environment: environment,
            errors: settings.respond, extraFields: extraFields,
            requestLimits: FlagServers.limits(of: name, settings))
        proxy.register(targets: targets)
        do throws(ProxyError) {
            try registry.add(
                builtIn: proxy, listen: settings.bind.listen(port: port))
        } catch {
            throw CommandLineError(error, of: name.rawValue) { port in
                let other = port < 65_000 ? port + 1000 : port - 1000
                let off = name == .chaos ? ", or --ports chaos=off" : ""
                return "Use --ports 0 for free ports, or --ports \(name.rawValue)=\(other)\(off)."
            }
        }
    }

    /// The flags, or for CHAOS the real port of LOCAL.
    private func upstream(of name: FlagServer) -> Upstream? {
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
            try registry.create(specification, origin: .start)
        } catch {
            let refusal = CommandLineError(error, of: "proxy '\(specification.name)'") { _ in
                "Choose another port for proxy '\(specification.name)'."
            }
            throw settings.located(refusal, ofProxy: specification.name)
        }
    }

    private func openControl() throws {
        guard let port = settings.control.port else { return }
        var options = APIOptions()
        options.allowedHosts = settings.control.allowedHosts
        options.token = settings.control.token
        options.acceptsAnyHost = settings.control.token != nil
        options.errors = settings.respond
        options.seed = settings.seed
        do throws(ProxyError) {
            let api = try supervisor.openControl(
                options, on: settings.control.bind.listen(port: port), journal: journal)
            api.droppedRecords = { [journalFile] in UInt64(journalFile?.dropped ?? 0) }
            self.api = api
            wakeReaders()
        } catch {
            throw CommandLineError(error, of: "the control port") { port in
                "Use --control \(port < 65_000 ? port + 1000 : port - 1000) or --control off."
            }
        }
    }

    // MARK: What is told

    private func announce() {
        guard !options.output.quiet else { return }
        log.write(isForPeople ? banner.people(width: width) : banner.lines)
        let backlog = Listener.kernelBacklog
        if options.output.verbose || backlog < 1024 {
            log.write("note: the kernel keeps \(backlog) clients waiting per server (somaxconn)\n")
        }
    }

    private var isForPeople: Bool {
        options.output.logFormat == .auto && isatty(STDERR_FILENO) == 1
    }

    private var banner: Banner {
        let totals = registry.totals
        let servers = registry.proxies.map { registered in
            let proxy = registered.proxy
            let name = FlagServer(rawValue: registered.name)
            return Banner.Server(
                flagServer: name, name: registered.name, protocol: proxy.protocol,
                authority: proxy.authority, addresses: proxy.addresses.map { "\($0)" },
                upstream: proxy.upstream.isSite ? nil : registered.upstreamText,
                summary: name.map { FlagServers.summary(of: $0, settings) }
                    ?? Toxic.words(proxy.toxics, mix: proxy.mix),
                counters: totals.first { $0.name == registered.name }?.counters ?? proxy.totals)
        }
        return Banner(
            seed: settings.seed, bind: settings.bind, errorRate: errorRate,
            edition: options.servers.edition, engine: supervisor.loop.engine, fixtures: source,
            countries: site.store.countries.count, servers: servers,
            control: supervisor.control.map {
                Banner.Control(
                    authority: $0.authority, addresses: $0.addresses.map { "\($0)" })
            }, notes: settings.notes,
            deleted: totals.filter { registry[$0.name] == nil }.map(\.counters))
    }

    /// Of ERROR as it is now.
    private var errorRate: Double? {
        guard let proxy = registry["error"]?.proxy, proxy.mix == nil else { return nil }
        let errors = proxy.toxics.filter { $0.fault.type.place == .exchange }
        guard errors.count < 2 else { return nil }
        guard let only = errors.first else { return 0 }
        guard only.exchanges == nil, only.match == nil else { return nil }
        return only.toxicity.probability.fraction
    }

    // MARK: Records

    /// Has records kept where they are asked for: the ring, the journal, the log.
    private func keepRecords() {
        environment.hasFaultFields = settings.hasFaultFields
        if let journal { hear { journal.append($0) } }
        if let journalFile { hear { journalFile.write($0) } }
        if !options.output.quiet { hear { [log] in log.write($0) } }
        startWriting()
    }

    /// Before anybody can connect: a writer's thread must not hold copies of their sockets.
    private func startWriting() {
        let (seed, isForPeople, hasColor) = (settings.seed, isForPeople, hasColor)
        if options.output.quiet {
            // It writes messages only, and starts when there is one.
        } else if options.output.logFormat == .json {
            log.start { JournalLine(seed: seed) }
        } else {
            let people = LogLine.Style.people(hasColor: hasColor)
            log.start {
                LogLine(isForPeople ? people : .text, folds: isForPeople) {
                    TerminalWidth.columns(of: STDERR_FILENO)
                }
            }
        }
        journalFile?.start()
    }

    private var hasColor: Bool {
        switch options.output.color {
        case .always: true
        case .never: false
        // Set but empty counts as not set (no-color.org).
        case .auto: isForPeople && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        }
    }

    /// Lets readers of `/events` go on, four times a second.
    private func wakeReaders() {
        readersTimer = Timer(on: supervisor.loop) { [unowned self] in
            if let api, api.hasReaders { api.tick(at: environment.now()) }
            readersTimer?.schedule(after: 250_000_000)
        }
        readersTimer?.schedule(after: 250_000_000)
    }

    /// Has the record of every exchange handed to `hearer`. To be called before `open`.
    func hear(_ hearer: @escaping (ExchangeRecord) -> Void) {
        hearers.append(hearer)
    }

    private func handRecordsOn() {
        switch hearers.count {
        case 0: break
        case 1: environment.onRecord = hearers[0]
        default:
            let hearers = hearers
            environment.onRecord = { record in for hearer in hearers { hearer(record) } }
        }
    }

    // MARK: Reloading

    /// Reads the fixtures and the configuration anew, all or nothing. Responses under way finish
    /// with the old bytes.
    private func reload() {
        journalFile?.reopen(milliseconds: 200)
        // Last-Modified must not be later than Date (RFC 9110 §8.8.2.1).
        environment.date = Int64(Supervisor.wallClock().tv_sec)
        do {
            let fresh = try source.load(
                now: environment.date, extraFields: extraFields, previous: fixtures.loaded)
            let outcome = Reload(settings, sources).apply(to: registry)
            for message in outcome.messages { log.write("\(message)\n") }
            guard outcome.isDone else { return }
            settings = outcome.settings
            use(fresh)
            log.write("\(source.reloaded(fresh.store.countries.count))\n")
        } catch {
            log.write("error: not reloaded, the old fixtures stay: \(error)\n")
        }
        api?.noteChange()
    }

    private func use(_ fresh: FixtureSource.Fixtures) {
        fixtures = fresh
        site.store = fresh.store
        targets = Self.hashes(fresh.store)
        for name in FlagServer.allCases {
            registry[name.rawValue]?.proxy.register(targets: targets)
        }
        for warning in fresh.warnings { log.write("warning: \(warning)\n") }
    }
}
