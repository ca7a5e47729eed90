import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import FlagSite
import Glibc
import HTTPWire
import Records

/// The flag servers, CHAOS and the proxies of the command line, and private worlds of such, from
/// the first listener to the last answer. Loop thread only.
final class FlagServersDaemon {
    private let sources: OptionSources
    private let log: LogWriter
    private let journalFile: JournalFile?
    /// nil: the log goes to stderr.
    private let logFile: LogFile?
    private var readersTimer: Timer?
    let supervisor: Supervisor
    /// The process's own.
    private let main: FlagWorld
    private let worlds: PrivateWorlds
    private let site: FlagSite
    private let ready: ReadyFile?
    /// All get the record of every exchange.
    private var hearers: [(ExchangeRecord) -> Void] = []
    private let source: FixtureSource
    private var fixtures: FixtureSource.Fixtures
    /// What can be asked for, for the counts of attempts.
    private var targets: Set<UInt64>

    private var environment: ProxyEnvironment { supervisor.environment }
    var registry: ProxyRegistry { supervisor.registry }
    /// nil: there is none.
    var nameServer: RegisteredProxy? {
        settings.names == nil ? nil : registry[NameServerSettings.proxyName]
    }
    private var settings: Settings { main.settings }
    private var options: ServeOptions { settings.options }
    private var extraFields: [HTTPField] { FlagWorld.extraFields(options) }

    /// Loads the fixtures. Nothing is bound yet.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(_ settings: Settings, _ sources: OptionSources, log: LogWriter) throws {
        self.sources = sources
        logFile = try Self.logFile(settings)
        let log = logFile?.writer ?? log
        self.log = log
        let options = settings.options
        ready = options.control.readyFile.map { ReadyFile(path: $0) }
        let fields = FlagWorld.extraFields(options)
        let supervisor = try Supervisor(
            Self.supervision(settings), log: { log.write("\($0)\n") })
        self.supervisor = supervisor
        let seed = settings.seed
        journalFile = try settings.journal.map {
            do throws(JournalFileError) {
                return try JournalFile($0, log: log) { JournalLine(seed: seed) }
            } catch {
                throw CommandLineError(.cannotWrite, error.description)
            }
        }
        let environment = supervisor.environment
        source =
            try settings.ports.areAllOff ? .builtIn : FixtureSource.find(options.servers.fixtures)
        fixtures = try source.load(now: environment.date, extraFields: fields)
        targets = Self.hashes(fixtures.store)
        for warning in OptionSources.warnings + settings.warnings + fixtures.warnings {
            log.write("warning: \(warning)\n")
        }
        let site = FlagSite(store: fixtures.store, extraFields: fields) { environment.date }
        self.site = site
        let charfinder = Self.charfinder(settings, supervisor)
        main = FlagWorld(
            settings, supervisor.world,
            journal: settings.control.port == nil ? nil : Journal(capacity: settings.ring),
            site: site, charfinder: charfinder)
        worlds = PrivateWorlds(
            settings, supervisor, site: site, charfinder: charfinder, log: log)
    }

    private static func charfinder(
        _ settings: Settings, _ supervisor: Supervisor
    ) -> CharfinderService? {
        settings.charfinder.map {
            CharfinderService(
                $0.edition, extraFields: FlagWorld.extraFields(settings.options),
                budget: supervisor.budget, on: supervisor.loop,
                onTrouble: supervisor.environment.warn)
        }
    }

    private static func logFile(_ settings: Settings) throws -> LogFile? {
        do throws(JournalFileError) {
            return try settings.logFile.map(LogFile.init)
        } catch {
            throw CommandLineError(.cannotWrite, error.description)
        }
    }

    private static func hashes(_ store: FlagStore) -> Set<UInt64> {
        Set(store.targets.map { SeededGenerator.hash($0.utf8) })
    }

    private static func supervision(_ settings: Settings) -> Supervisor.Options {
        let options = settings.options
        var supervision = Supervisor.Options(seed: settings.seed)
        supervision.grace = settings.grace
        supervision.maxConnections = settings.maxConnections
        supervision.world = FlagWorld.options(settings)
        supervision.isVerbose = options.output.verbose
        supervision.isQuiet = options.output.quiet
        return supervision
    }

    // MARK: Running

    /// Lets everything listen, and tells of it.
    ///
    /// - Throws: `CommandLineError` if a port cannot be had or the ready file not be written, or
    ///   `EventLoopError`.
    func open() throws {
        var access = APIOptions()
        access.worlds = worlds
        try ready?.check()
        try main.open(access)
        main.use(targets: targets)
        worlds.targets = targets
        main.api?.droppedRecords = { [journalFile] in UInt64(journalFile?.dropped ?? 0) }
        if main.api != nil { wakeReaders() }
        keepRecords()
        main.hear(hearers)
        worlds.hearers = hearers
        supervisor.onHangup = { [unowned self] in reload() }
        supervisor.onSecond = { [unowned self] in worlds.everySecond() }
        try supervisor.loop.check()
        announce()
        try ready?.write(seed: settings.seed, servers: main.places)
    }

    /// Serves until `stop` of the supervisor, which a signal calls.
    ///
    /// - Throws: `EventLoopError` if it cannot go on; all that is told at the end has been told.
    func serve() throws(EventLoopError) {
        defer { logFile?.writer.flush(milliseconds: 500) }
        do throws(EventLoopError) {
            try supervisor.run()
        } catch {
            end()
            // On stderr it is told by whoever ends the process.
            logFile?.writer.write(error.lastWords)
            throw error
        }
        end()
    }

    private func end() {
        removeReadyFile()
        journalFile?.finish(milliseconds: 500)
        if tellsSummary { log.write(SummaryTable.text(summary, width: width)) }
        if !options.output.quiet {
            log.write(banner.farewell(seconds: supervisor.seconds, width: width))
        }
    }

    private func removeReadyFile() {
        do {
            try ready?.remove()
        } catch {
            log.write("error: \(error)\n")
        }
    }

    /// Whether a table is told at the end; what programs read has none.
    var tellsSummary: Bool { !options.output.quiet && options.output.logFormat != .json }

    /// What each has done since the start, in all worlds: the flag servers first, in their order.
    var summary: [SummaryTable.Row] {
        var totals: [String: ProxyCounters] = [:]
        for figure in figures { totals[figure.name, default: ProxyCounters()].add(figure.counters) }
        let servers = FlagServer.allCases.map(\.rawValue)
        let names = servers + totals.keys.filter { !servers.contains($0) }.sorted()
        return names.compactMap { name in
            guard let counters = totals[name] else { return nil }
            return SummaryTable.Row(
                name: FlagServer(rawValue: name)?.label ?? name, counters: counters,
                limit: registry[name]?.proxy.requestLimits.maxConcurrency)
        }
    }

    /// Of the terminal that the log goes to; nil if it does not go to one.
    var width: Int? { isForPeople ? TerminalWidth.columns(of: STDERR_FILENO) : nil }

    /// Where everything is, for whoever waits for it.
    var places: [ReadyFile.Place] { main.places }

    /// What has been counted since the start, by proxies that were deleted too, in all worlds.
    var figures: [Expectation.Figures] {
        main.world.figures(of: nil) + worlds.figures
    }

    /// Whether there were more worlds than are told apart.
    var hasFoldedWorlds: Bool { worlds.hasFolded }

    /// How often everything was reset, and what was under way then.
    var resets: (count: Int, underWay: Int) { registry.resets }

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
        options.output.logFormat == .auto && logFile == nil && isatty(STDERR_FILENO) == 1
    }

    private var banner: Banner {
        let totals = registry.totals
        let servers = registry.proxies.map { registered in
            let proxy = registered.proxy
            let name = FlagServer(rawValue: registered.name)
            return Banner.Server(
                flagServer: name, name: registered.name, protocol: proxy.protocol,
                authority: proxy.authority, addresses: proxy.addresses.map { "\($0)" },
                upstream: isOwn(registered) ? nil : registered.upstreamText,
                summary: name.map { FlagServers.summary(of: $0, settings) }
                    ?? Toxic.words(proxy.toxics, mix: proxy.mix),
                counters: totals.first { $0.name == registered.name }?.counters ?? proxy.totals)
        }
        return Banner(
            seed: settings.seed, bind: settings.bind, errorRate: errorRate,
            edition: options.servers.edition, preset: preset, engine: supervisor.loop.engine,
            fixtures: source,
            countries: site.store.countries.count, servers: servers,
            control: supervisor.control.map {
                Banner.Control(
                    authority: $0.authority, addresses: $0.addresses.map { "\($0)" })
            }, notes: settings.notes + [fixtures.note].compactMap(\.self), page: site.store.page,
            deleted: totals.filter { registry[$0.name] == nil }.map(\.counters),
            worlds: worlds.figures)
    }

    /// Whether what is behind it is the program itself.
    private func isOwn(_ registered: RegisteredProxy) -> Bool {
        registered.isSite || CharfinderServer(rawValue: registered.name) != nil
    }

    /// What is in force of all that an edition stands for.
    private var preset: String {
        let ports = FlagServer.allCases.map { name in
            (name, registry[name.rawValue]?.proxy.port)
        }
        return options.servers.edition.options(options.faults, ports: ports)
    }

    /// Of ERROR as it is now.
    private var errorRate: Double? {
        guard let proxy = registry["error"]?.proxy, proxy.mix == nil else { return nil }
        let errors = proxy.toxics.filter { $0.fault.type.place == .exchange }
        guard errors.count < 2 else { return nil }
        guard let only = errors.first else { return 0 }
        guard only.exchanges == nil, only.match == nil, only.window == nil else { return nil }
        return only.toxicity.probability.fraction
    }

    // MARK: Records

    /// Has records kept where they are asked for: the ring, the journal, the log.
    private func keepRecords() {
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
        logFile?.started()
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
            for api in [main.api].compactMap(\.self) + worlds.apis where api.hasReaders {
                api.tick(at: environment.now())
            }
            readersTimer?.schedule(after: 250_000_000)
        }
        readersTimer?.schedule(after: 250_000_000)
    }

    /// Has the record of every exchange handed to `hearer`. To be called before `open`.
    func hear(_ hearer: @escaping (ExchangeRecord) -> Void) {
        hearers.append(hearer)
    }

    // MARK: Reloading

    /// Reads the fixtures and the configuration anew, all or nothing. Responses under way finish
    /// with the old bytes.
    private func reload() {
        journalFile?.reopen(milliseconds: 200)
        logFile?.reopen(milliseconds: 200)
        // Last-Modified must not be later than Date (RFC 9110 §8.8.2.1).
        environment.date = Int64(Surroundings.wallClock().tv_sec)
        do {
            let fresh = try source.load(
                now: environment.date, extraFields: extraFields, previous: fixtures)
            let outcome = Reload(settings, sources).apply(to: registry)
            for message in outcome.messages { log.write("\(message)\n") }
            guard outcome.isDone else { return }
            main.settings = outcome.settings
            worlds.daemon = outcome.settings
            use(fresh)
            if !settings.ports.areAllOff {
                log.write("\(source.reloaded(fresh.store.countries.count))\n")
            }
        } catch {
            log.write("error: not reloaded, the old fixtures stay: \(error)\n")
        }
        main.api?.noteChange()
    }

    private func use(_ fresh: FixtureSource.Fixtures) {
        fixtures = fresh
        site.store = fresh.store
        targets = Self.hashes(fresh.store)
        main.use(targets: targets)
        worlds.targets = targets
        for warning in fresh.warnings { log.write("warning: \(warning)\n") }
    }
}
