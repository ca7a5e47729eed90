import ChaosProxy
import EventLoop
import Faults
import FlagSite
import Glibc
import HTTPWire

/// Everything that runs, from the first listener to the last answer. Loop thread only.
final class Daemon {
    /// Descriptors that are not for connections: the standard ones, epoll, timer, signals,
    /// listeners, a reload's files.
    private static let reservedDescriptors = 64

    private let options: ServeOptions
    private let settings: Settings
    private let log: LogWriter
    private let loop: EventLoop
    private let environment: ProxyEnvironment
    private let site: FlagSite
    private let fixtures: String
    private var loaded: [String: FixtureLoader.Loaded]
    private var servers: [(name: FlagServerName, proxy: Proxy)] = []
    private var signals: [Signals] = []
    private var clock: Timer?
    private var drain: Timer?
    private var isStopping = false
    private var graceEnds: UInt64 = 0
    private let start: UInt64

    private var extraFields: [HTTPField] { Self.extraFields(options) }

    /// Loads the fixtures. Nothing is bound yet.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(_ options: ServeOptions, _ settings: Settings, log: LogWriter) throws {
        (self.options, self.settings, self.log) = (options, settings, log)
        let loop = try EventLoop()
        self.loop = loop
        start = loop.now
        environment = ProxyEnvironment(date: Self.wallClock().tv_sec.asInt64) {
            Instant(nanoseconds: loop.now)
        }
        environment.onWarning = { [log] in log.write("warning: \($0)\n") }
        fixtures = FixtureDirectory.find(options.servers.fixtures)
        var loader = FixtureLoader(directory: fixtures)
        let fields = Self.extraFields(options)
        let store = try loader.load(now: environment.date, extraFields: fields)
        loaded = loader.loaded
        for warning in loader.warnings { log.write("warning: \(warning)\n") }
        Self.placeInMemoryFile(store)
        let environment = environment
        site = FlagSite(store: store, extraFields: fields) { environment.date }
    }

    private static func extraFields(_ options: ServeOptions) -> [HTTPField] {
        options.faults.cors ? [HTTPField("Access-Control-Allow-Origin", "*")] : []
    }

    static func wallClock() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    // MARK: Running

    /// Serves until a signal ends it.
    ///
    /// - Throws: `CommandLineError` if a port cannot be had or the ready file not be written.
    func run() throws {
        let ready = options.control.readyFile.map(ReadyFile.init)
        try bind()
        logRecords()
        watchSignals()
        clock = Timer(on: loop) { [unowned self] in everySecond() }
        scheduleClock()
        announce()
        try ready?.write(
            seed: settings.seed,
            servers: servers.map {
                ($0.name.rawValue, "http://\($0.proxy.authority)/flags", $0.proxy.port)
            })
        loop.run()
        ready?.remove()
        if !options.output.quiet {
            log.write(banner.farewell(seconds: Double(loop.now - start) / 1e9))
        }
    }

    private func bind() throws {
        let all = ConnectionLimit(try connectionBudget())
        for name in FlagServerName.allCases {
            guard let port = settings.ports[name] else { continue }
            let proxy = Proxy(
                name: name.rawValue, plan: FlagServers.plan(of: name, settings),
                upstream: .site(site.answer), environment: environment, extraFields: extraFields)
            proxy.register(targets: site.store.responses.map(\.target))
            let own = settings.maxConnections.map { [ConnectionLimit($0)] } ?? []
            try Binding(proxy: proxy, limits: [all] + own, loop: loop)
                .bind(settings.bind, port: port)
            servers.append((name, proxy))
        }
    }

    /// How many connections the open-file limit allows, with the soft limit raised to the hard one.
    private func connectionBudget() throws -> Int {
        let limit = OpenFileLimit.raise()
        let budget = limit - Self.reservedDescriptors - OpenFileLimit.openDescriptors()
        guard budget > 0 else {
            throw CommandLineError(
                .failure, "the open-file limit of \(limit) leaves no room for connections.")
        }
        if let wanted = settings.maxConnections, wanted > budget {
            throw CommandLineError(
                .failure,
                "\(wanted) connections were asked for, but the open-file limit is \(limit). "
                    + "Run 'ulimit -n \(wanted * 2)' first.")
        }
        if limit < 10_000 || options.output.verbose {
            log.write(
                "note: the open-file limit of \(limit) allows \(budget) connections at once\n")
        }
        return budget
    }

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
        Banner(
            settings: settings, edition: options.servers.edition, engine: loop.engine,
            fixtures: fixtures, countries: site.store.countries.count,
            fixtureBytes: site.store.responses.reduce(0) { $0 + $1.body.count }, proxies: servers)
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
        environment.onRecord = { [log] in log.write(format.line($0, at: Self.wallClock())) }
    }

    // MARK: Time

    /// Just after each full second of the wall clock, so that Date is never behind by much.
    private func scheduleClock() {
        let nanoseconds = UInt64(Self.wallClock().tv_nsec)
        clock?.schedule(after: 1_000_000_000 - min(nanoseconds, 999_999_999) + 100_000)
    }

    private func everySecond() {
        environment.date = Self.wallClock().tv_sec.asInt64
        environment.tick = UInt32((loop.now - start) / 1_000_000_000)
        for server in servers { server.proxy.checkTimeLimits() }
        scheduleClock()
    }

    // MARK: Signals

    private func watchSignals() {
        // Whoever starts us may have them blocked, and a child inherits that.
        var ours = sigset_t()
        sigemptyset(&ours)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&ours, number) }
        pthread_sigmask(SIG_UNBLOCK, &ours, nil)
        for number in [SIGTERM, SIGINT] {
            signals.append(Signals(number, on: loop) { [unowned self] _ in stop() })
        }
        signals.append(Signals(SIGHUP, on: loop) { [unowned self] _ in reload() })
    }

    /// Delivers what is under way, for the grace time at most; asked again, ends at once.
    private func stop() {
        guard !isStopping else { return cut() }
        isStopping = true
        graceEnds = loop.now + settings.grace
        for server in servers { server.proxy.drain() }
        let count = servers.reduce(0) { $0 + $1.proxy.owingCount }
        if count > 0, !options.output.quiet {
            let grace = OptionValues.readable(settings.grace)
            let who = count == 1 ? "1 client has" : "\(count) clients have"
            log.write("stopping: \(who) up to \(grace); another signal ends them\n")
        }
        drain = Timer(on: loop) { [unowned self] in checkDrained() }
        checkDrained()
    }

    private var openConnections: Int { servers.reduce(0) { $0 + $1.proxy.connectionCount } }

    private func checkDrained() {
        if openConnections == 0 { return loop.stop() }
        if loop.now >= graceEnds { return cut() }
        drain?.schedule(after: 5_000_000)
    }

    private func cut() {
        for server in servers { server.proxy.cut() }
        loop.stop()
    }

    /// Reads the fixtures anew, all or nothing. Responses under way finish with the old bytes.
    private func reload() {
        var loader = FixtureLoader(directory: fixtures, previous: loaded)
        // Last-Modified must not be later than Date (RFC 9110 §8.8.2.1).
        environment.date = Self.wallClock().tv_sec.asInt64
        do {
            let store = try loader.load(now: environment.date, extraFields: extraFields)
            loaded = loader.loaded
            Self.placeInMemoryFile(store)
            site.store = store
            for server in servers {
                server.proxy.register(targets: store.responses.map(\.target))
            }
            for warning in loader.warnings { log.write("warning: \(warning)\n") }
            log.write("reloaded \(fixtures): \(store.countries.count) countries\n")
        } catch {
            log.write("error: not reloaded, the old fixtures stay: \(error)\n")
        }
    }

    // MARK: Sending without a copy

    /// Responses from this size on are sent with sendfile; below it, one copying send is faster.
    private static let sendfileThreshold = 6 << 10

    private static func placeInMemoryFile(_ store: FlagStore) {
        let large = store.responses.filter { $0.pieceCount >= sendfileThreshold }
        let page = MemoryFile.pageSize
        let sizes = large.map { ($0.largestPieceCount + page - 1) / page * page }
        // Without a memory file everything still works, with a copy more.
        guard let file = try? MemoryFile(byteCount: sizes.reduce(0, +) * 2) else { return }
        var offset: Int64 = 0
        for (response, size) in zip(large, sizes.map(Int64.init)) {
            response.place(in: file.descriptor, at: offset, size: size, owner: file)
            offset += 2 * size
        }
    }
}

extension Int {
    fileprivate var asInt64: Int64 { Int64(self) }
}
