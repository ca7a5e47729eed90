import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import Glibc
import HTTPWire
import Records

/// What every way of running has: the loop with its clock and signals, the proxies, a control
/// port, and an orderly end. Loop thread only.
final class Supervisor {
    /// Descriptors that are not for connections: the standard ones, epoll, timer, signals,
    /// listeners, a reload's files.
    private static let reservedDescriptors = 64
    /// And for the pipes that carry bytes between sockets; without them they are copied.
    private static let pipeDescriptors = 128
    /// Connections that the control port always has room for, whatever the proxies do.
    private static let controlConnections = 256
    /// As Toxiproxy's: 60 s of silence, 15 s for a request.
    private static var controlLimits: TimeLimits {
        var limits = TimeLimits()
        (limits.idle, limits.head, limits.body) = (60, 15, 15)
        return limits
    }
    /// Longest body of a call, in bytes.
    private static let maximumContent = 1 << 20

    /// How it differs.
    struct Options {
        var seed: UInt64
        /// How long clients may wait for what they are owed when it ends, in nanoseconds.
        var grace: Nanoseconds = 5_000_000_000
        /// Of each listener; nil: what the open-file limit allows.
        var maxConnections: Int?
        var emptyHost = ListenAddress.Hosts.loopbacks
        /// To connect to a backend, in nanoseconds.
        var connectTimeout: Nanoseconds = 10_000_000_000
        /// What Vaurien's `error` answers where the protocol has errors.
        var errors = Respond.standard
        var overwritesHost = false
        var extraFields: [HTTPField] = []
        var isVerbose = false
        var isQuiet = false
    }

    let loop: EventLoop
    let environment: ProxyEnvironment
    let registry: ProxyRegistry
    /// When the process began, in monotonic nanoseconds.
    let start: UInt64
    private(set) var control: Proxy?
    /// Reads anew what can be read anew.
    var onHangup: () -> Void = {}
    /// What is done on each signal; others keep their default.
    var onSignal: [Int32: () -> Void] = [:]

    private let options: Options
    private let log: (String) -> Void
    private let dialer: Dialer
    /// The control port's own, so that its calls are not among the records.
    private let controlEnvironment: ProxyEnvironment
    private let controlLimit = ConnectionLimit(controlConnections)
    private var signals: [Signals] = []
    private var clock: Timer?
    private var drain: Timer?
    private let notifier = ServiceNotifier { name in getenv(name).map { String(cString: $0) } }
    private var watchdog: Timer?
    private var isStopping = false
    private var graceEnds: UInt64 = 0

    /// - Parameter log: gets each message as a sentence without its newline.
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(_ options: Options, log: @escaping (String) -> Void) throws {
        (self.options, self.log) = (options, log)
        let loop = try EventLoop()
        self.loop = loop
        start = loop.now
        let date = Int64(Self.wallClock().tv_sec)
        let now = { Instant(nanoseconds: loop.now) }
        let environment = ProxyEnvironment(date: date, seed: options.seed, now: now)
        self.environment = environment
        controlEnvironment = ProxyEnvironment(date: date, now: now)
        let dialer = Dialer(on: loop, timeout: options.connectTimeout)
        self.dialer = dialer
        let budget = ConnectionLimit(try Self.connectionBudget(options, log))
        registry = ProxyRegistry(loop: loop, limits: [budget], emptyHost: options.emptyHost) {
            Self.proxy($0, $1, options, environment)
        }
        environment.dial = { dialer.dial($0, for: $1, completion: $2) }
        dialer.isForbidden = { [unowned registry] in registry.leadsBack($0, from: $1) }
        dialer.isOurs = { [unowned registry] in registry.isListening(on: $0) }
        for environment in [environment, controlEnvironment] {
            environment.onWarning = { log("warning: \(Self.printable($0))") }
        }
        setClock()
        for number in [SIGTERM, SIGINT] { onSignal[number] = { [unowned self] in stop() } }
        onSignal[SIGHUP] = { [unowned self] in reload() }
        // Before anybody can see that we are there, and want us to stop.
        watchSignals()
    }

    private static func proxy(
        _ specification: ProxySpecification, _ backend: Backend, _ options: Options,
        _ environment: ProxyEnvironment
    ) -> Proxy {
        Proxy(
            name: specification.name, protocol: specification.protocol ?? .tcp,
            upstream: .address(backend), toxics: specification.toxics, mix: specification.mix,
            environment: environment, errors: options.errors,
            overwritesHost: options.overwritesHost, extraFields: options.extraFields,
            requestLimits: specification.limits)
    }

    /// Names that the API was given may hold what moves a terminal's cursor.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    static func wallClock() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }

    /// How many connections the open-file limit allows, with the soft limit raised to the hard one.
    private static func connectionBudget(_ options: Options, _ log: (String) -> Void) throws -> Int
    {
        let limit = OpenFileLimit.raise()
        let spare = min(controlConnections, limit / 8) + min(pipeDescriptors, limit / 8)
        let budget = limit - reservedDescriptors - OpenFileLimit.openDescriptors() - spare
        guard budget > 0 else {
            throw CommandLineError(
                .failure, "the open-file limit of \(limit) leaves no room for connections.")
        }
        if let wanted = options.maxConnections, wanted > budget {
            throw CommandLineError(
                .failure,
                "\(wanted) connections were asked for, but the open-file limit is \(limit). "
                    + "Run 'ulimit -n \(wanted * 2)' first.")
        }
        if limit < 10_000 || options.isVerbose {
            log("note: the open-file limit of \(limit) allows \(budget) connections at once")
        }
        return budget
    }

    // MARK: The control port

    /// Lets an API listen.
    ///
    /// - Throws: `ProxyError`.
    @discardableResult
    func openControl(
        _ options: APIOptions, on address: ListenAddress, journal: Journal? = nil
    ) throws(ProxyError) -> ControlAPI {
        let api = ControlAPI(
            registry: registry, options: options, journal: journal, environment: environment)
        let proxy = Proxy(
            name: "control", upstream: .site(api.answer), environment: controlEnvironment,
            limits: Self.controlLimits, maximumContent: Self.maximumContent)
        _ = try address.bind(proxy, limits: [controlLimit], loop: loop)
        registry.controlAddresses += proxy.addresses
        control = proxy
        api.asker = { [controlEnvironment] in controlEnvironment.asker }
        return api
    }

    // MARK: Running

    /// Serves until `stop` ends it.
    func run() {
        watchSignals()
        clock = Timer(on: loop) { [unowned self] in everySecond() }
        scheduleClock()
        notifier?.ready(status)
        feedWatchdog()
        loop.run()
    }

    /// For `systemctl status`.
    private var status: String { "\(proxies.count) servers are listening" }

    /// Twice as often as systemd asks for it.
    private func feedWatchdog() {
        guard let notifier, let period = notifier.watchdogPeriod else { return }
        notifier.alive()
        let timer = watchdog ?? Timer(on: loop) { [unowned self] in feedWatchdog() }
        watchdog = timer
        timer.schedule(after: max(period / 2, 1) &* 1000)
    }

    /// Seconds since the start.
    var seconds: Double { Double(loop.now - start) / 1e9 }

    private var environments: [ProxyEnvironment] { [environment, controlEnvironment] }
    private var proxies: [Proxy] { registry.proxies.map(\.proxy) + [control].compactMap(\.self) }

    /// Just after each full second of the wall clock, so that Date is never behind by much.
    private func scheduleClock() {
        let nanoseconds = UInt64(Self.wallClock().tv_nsec)
        clock?.schedule(after: 1_000_000_000 - min(nanoseconds, 999_999_999) + 100_000)
    }

    private func everySecond() {
        let date = Int64(Self.wallClock().tv_sec)
        let tick = UInt32((loop.now - start) / 1_000_000_000)
        for environment in environments { environment.everySecond(date: date, tick: tick) }
        setClock()
        scheduleClock()
    }

    private func setClock() {
        let (wall, now) = (Self.wallClock(), loop.now)
        let nanoseconds = Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec)
        environment.wallOffset = nanoseconds - Int64(now)
    }

    // MARK: Signals

    /// Hears them from now on, and does what `onSignal` says once the loop runs.
    func watchSignals() {
        // Whoever starts us may have them blocked, and a child inherits that.
        var ours = sigset_t()
        sigemptyset(&ours)
        for number in onSignal.keys { sigaddset(&ours, number) }
        pthread_sigmask(SIG_UNBLOCK, &ours, nil)
        // Those that are heard already go after the new ones have come: never is none heard.
        signals = onSignal.map { number, action in Signals(number, on: loop) { _ in action() } }
    }

    private func reload() {
        notifier?.reloading(now: loop.now)
        onHangup()
        notifier?.ready(status)
    }

    /// Delivers what is under way, for the grace time at most; asked again, ends at once.
    ///
    /// - Parameter grace: another time than the one of the options, in nanoseconds.
    func stop(grace: Nanoseconds? = nil) {
        guard !isStopping else { return cut() }
        isStopping = true
        notifier?.stopping()
        graceEnds = loop.now + (grace ?? options.grace)
        for proxy in proxies { proxy.drain() }
        let count = registry.proxies.reduce(0) { $0 + $1.proxy.owingCount }
        if count > 0, !options.isQuiet {
            let grace = Notation.readable(options.grace)
            let who = count == 1 ? "1 client has" : "\(count) clients have"
            log("stopping: \(who) up to \(grace); another signal ends them")
        }
        drain = Timer(on: loop) { [unowned self] in checkDrained() }
        checkDrained()
    }

    private func checkDrained() {
        if environments.allSatisfy({ $0.connectionCount == 0 }) { return loop.stop() }
        if loop.now >= graceEnds { return cut() }
        drain?.schedule(after: 5_000_000)
    }

    private func cut() {
        for environment in environments { environment.cut() }
        loop.stop()
    }
}
