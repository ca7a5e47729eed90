import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import Glibc
import HTTPWire
import Records

/// What every way of running has: the loop with its clock and signals, the worlds of proxies, and
/// an orderly end. Loop thread only.
final class Supervisor {
    /// Descriptors that are not for connections: the standard ones, epoll, timer, signals,
    /// listeners, a reload's files.
    private static let reservedDescriptors = 64
    /// And for the pipes that carry bytes between sockets; without them they are copied.
    private static let pipeDescriptors = 128
    /// Connections that the control port always has room for, whatever the proxies do.
    private static let controlConnections = 256
    /// Bytes that are given back at once, which takes less than a millisecond, and nanoseconds from
    /// one step to the next.
    private static let memoryStep = 4 << 20
    private static let memoryPause: Nanoseconds = 10_000_000
    /// From one look at what is still owed to the next, in nanoseconds.
    private static let drainPause: Nanoseconds = 5_000_000
    /// How it differs.
    struct Options {
        var world: World.Options
        /// How long clients may wait for what they are owed when it ends, in nanoseconds.
        var grace: Nanoseconds = 5_000_000_000
        /// Of each listener; nil: what the open-file limit allows.
        var maxConnections: Int?
        var isVerbose = false
        var isQuiet = false

        init(seed: UInt64) { world = World.Options(seed: seed) }
    }

    var loop: EventLoop { around.loop }
    private let around: Surroundings
    /// The process's own.
    let world: World
    /// With the private ones; also those that have connections still to end.
    private var worlds: [World] = []
    /// When the process began, in monotonic nanoseconds.
    let start: UInt64
    /// Reads anew what can be read anew.
    var onHangup: () -> Void = {}
    /// Hears of every second.
    var onSecond: () -> Void = {}
    /// What is done on each signal; others keep their default.
    var onSignal: [Int32: () -> Void] = [:]

    private let options: Options
    private let log: (String) -> Void
    /// Of all connections but those to the process's own control port.
    let budget: ConnectionLimit
    private let shared = SharedByWorlds()
    private var signals: [Signals] = []
    private var clock: Timer?
    private var drain: ProxyEnvironment.Alarm?
    private var memory: Timer?
    private let notifier = ServiceNotifier { name in getenv(name).map { String(cString: $0) } }
    private var watchdog: Timer?
    private var isStopping = false
    private var graceEnds: UInt64 = 0

    /// - Parameters:
    ///   - around: nil: what the system has.
    ///   - log: gets each message as a sentence without its newline.
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(_ options: Options, _ around: Surroundings? = nil, log: @escaping (String) -> Void) throws
    {
        (self.options, self.log) = (options, log)
        let around = try around ?? .system()
        self.around = around
        start = around.now().nanoseconds
        shared.scanTurns.use(around.loop)
        let budget = ConnectionLimit(try Self.connectionBudget(options, log))
        self.budget = budget
        world = World(
            options.world, budget: budget, controlConnections: Self.controlConnections,
            shared: shared, around: around, warn: { log("warning: \(Self.printable($0))") })
        worlds = [world]
        setClock()
        guard around.hearsSignals else { return }
        for number in [SIGTERM, SIGINT] { onSignal[number] = { [unowned self] in stop() } }
        onSignal[SIGHUP] = { [unowned self] in reload() }
        // Before anybody can see that we are there, and want us to stop.
        try watchSignals()
    }

    /// Names that the API was given may hold what moves a terminal's cursor.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
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

    // MARK: Worlds

    var environment: ProxyEnvironment { world.environment }
    var registry: ProxyRegistry { world.registry }
    var control: Proxy? { world.control }

    /// Lets the process's own API listen.
    ///
    /// - Throws: `ProxyError`.
    @discardableResult
    func openControl(
        _ options: APIOptions, on address: ListenAddress, journal: Journal? = nil
    ) throws(ProxyError) -> ControlAPI {
        try world.openControl(options, on: address, journal: journal)
    }

    /// Makes a private world, in which nothing listens yet.
    func addWorld(_ options: World.Options) -> World {
        let log = log
        let world = World(
            options, budget: budget, controlConnections: World.privateControlConnections,
            shared: shared, around: around,
            warn: { log("warning: \(Self.printable("\(options.name ?? ""): \($0)"))") })
        worlds.append(world)
        for world in [self.world, world] {
            world.registry.all = { [unowned self] in worlds.map(\.registry) }
        }
        // Its first clients have their time limits from now on, not from when we began.
        world.everySecond(date: Int64(around.wallClock().tv_sec), tick: tick)
        setClock()
        return world
    }

    /// Closes a private world; it goes when its last connection has ended.
    func remove(_ world: World) {
        world.close()
        dropEnded()
    }

    private func dropEnded() {
        worlds.removeAll { $0.isClosed && $0.connectionCount == 0 }
    }

    /// Takes descriptors that are not for connections from their number.
    ///
    /// - Returns: false if there are not so many.
    func reserve(descriptors: Int) -> Bool { budget.reserve(places: descriptors) }
    func giveBack(descriptors: Int) { budget.leave(places: descriptors) }

    // MARK: Running

    /// Serves until `stop` ends it.
    ///
    /// - Throws: `EventLoopError` if it cannot go on.
    func run() throws(EventLoopError) {
        try watchSignals()
        memory = Timer(on: loop) { [unowned self] in giveMemoryBack() }
        clock = Timer(on: loop) { [unowned self] in everySecond() }
        scheduleClock()
        try loop.check()
        notifier?.ready(status)
        feedWatchdog()
        try loop.run()
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
    var seconds: Double { Double(now - start) / 1e9 }
    private var now: UInt64 { around.now().nanoseconds }

    private var proxies: [Proxy] { worlds.flatMap(\.proxies) }

    /// Just after each full second of the wall clock, so that Date is never behind by much.
    private func scheduleClock() {
        let nanoseconds = UInt64(around.wallClock().tv_nsec)
        clock?.schedule(after: 1_000_000_000 - min(nanoseconds, 999_999_999) + 100_000)
    }

    /// Holds everything against its time limits; called once a second while it runs.
    func everySecond() {
        let date = Int64(around.wallClock().tv_sec)
        let tick = tick
        for world in worlds { world.everySecond(date: date, tick: tick) }
        setClock()
        dropEnded()
        onSecond()
        // Less than a step is not worth one.
        if loop.buffers.look(), loop.buffers.idleBytes > Self.memoryStep {
            memory?.schedule(after: 0)
        }
        scheduleClock()
    }

    /// Gives back the memory of what does not wait any more: in steps, because others are served.
    private func giveMemoryBack() {
        if loop.buffers.giveBack(Self.memoryStep) { memory?.schedule(after: Self.memoryPause) }
    }

    /// Whole seconds since the start.
    private var tick: UInt32 { UInt32((now - start) / 1_000_000_000) }

    private func setClock() {
        let (wall, now) = (around.wallClock(), now)
        let nanoseconds = Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec)
        for world in worlds {
            world.set(wallOffset: nanoseconds - Int64(now), date: Int64(wall.tv_sec))
        }
    }

    // MARK: Signals

    /// Hears them from now on, and does what `onSignal` says once the loop runs.
    private func watchSignals() throws(EventLoopError) {
        // Whoever starts us may have them blocked, and a child inherits that.
        var ours = sigset_t()
        sigemptyset(&ours)
        for number in onSignal.keys { sigaddset(&ours, number) }
        let error = pthread_sigmask(SIG_UNBLOCK, &ours, nil)
        guard error == 0 else { throw EventLoopError("pthread_sigmask", errno: error) }
        // Those that are heard already go after the new ones have come: never is none heard.
        signals = try onSignal.map { number, action throws(EventLoopError) in
            try Signals(number, on: loop) { _ in action() }
        }
    }

    private func reload() {
        notifier?.reloading(now: now)
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
        graceEnds = now + (grace ?? options.grace)
        for world in worlds { world.drain() }
        let count = worlds.flatMap(\.registry.proxies).reduce(0) { $0 + $1.proxy.owingCount }
        if count > 0, !options.isQuiet {
            let grace = Notation.readable(options.grace)
            let who = count == 1 ? "1 client has" : "\(count) clients have"
            log("stopping: \(who) up to \(grace); another signal ends them")
        }
        drain = around.makeAlarm { [unowned self] in checkDrained() }
        checkDrained()
    }

    private func checkDrained() {
        if worlds.allSatisfy({ $0.connectionCount == 0 }) { return loop.stop() }
        let now = now
        if now >= graceEnds { return cut() }
        drain?(Instant(nanoseconds: now + Self.drainPause))
    }

    private func cut() {
        for world in worlds { world.cut() }
        loop.stop()
    }
}
