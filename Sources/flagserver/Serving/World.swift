import ChaosProxy
import ControlAPI
import EventLoop
import Faults
import HTTPWire
import Records

/// Proxies with all that is theirs alone: the seed, counters, meters and peaks, and a control port.
/// The process has one of its own, and private ones for tests. Loop thread only.
final class World {
    /// Connections to a private world's control port, for which there is always room.
    static let privateControlConnections = 16
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
        /// nil: the process's own.
        var name: String?
        var seed: UInt64
        var emptyHost = ListenAddress.Hosts.loopbacks
        /// To connect to a backend, in nanoseconds.
        var connectTimeout: Nanoseconds = 10_000_000_000
        /// What Vaurien's `error` answers where the protocol has errors.
        var errors = Respond.standard
        var overwritesHost = false
        var extraFields: [HTTPField] = []
    }

    let environment: ProxyEnvironment
    let registry: ProxyRegistry
    private(set) var control: Proxy?
    private(set) var isClosed = false

    private let loop: EventLoop
    /// The control port's own, so that its calls are not among the records.
    private let controlEnvironment: ProxyEnvironment
    private let controlLimit: ConnectionLimit
    private let scanTurns: ScanTurns

    /// - Parameters:
    ///   - budget: how many connections there may be, of all worlds together.
    ///   - shared: what all worlds of the process have together.
    ///   - around: what they have around them.
    ///   - warn: gets what an operator should know, one sentence each.
    init(
        _ options: Options, budget: ConnectionLimit, controlConnections: Int,
        shared: SharedByWorlds, around: Surroundings, warn: @escaping (String) -> Void
    ) {
        let loop = around.loop
        self.loop = loop
        let environment = ProxyEnvironment(
            date: 0, seed: options.seed, world: options.name, held: shared.held,
            heads: shared.heads, troubles: shared.troubles, now: around.now)
        self.environment = environment
        controlEnvironment = ProxyEnvironment(
            date: 0, heads: shared.heads, troubles: shared.troubles, now: around.now)
        controlLimit = ConnectionLimit(controlConnections)
        scanTurns = shared.scanTurns
        registry = ProxyRegistry(
            loop: loop, limits: [budget], emptyHost: options.emptyHost, controls: shared.controls,
            texts: shared.texts
        ) { Self.proxy($0, $1, options, environment) }
        environment.buffers = loop.buffers
        environment.makeAlarm = around.makeAlarm
        environment.dial = around.dial ?? Self.dial(options, registry, on: loop)
        for environment in environments { environment.onWarning = warn }
    }

    private static func dial(
        _ options: Options, _ registry: ProxyRegistry, on loop: EventLoop
    ) -> ProxyEnvironment.Dial {
        let dialer = Dialer(on: loop, timeout: options.connectTimeout)
        dialer.isForbidden = { [unowned registry] in registry.leadsBack($0, from: $1) }
        dialer.isOurs = { [unowned registry] in registry.isListening(on: $0) }
        return { dialer.dial($0, for: $1, completion: $2) }
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

    /// Lets an API listen.
    ///
    /// - Throws: `ProxyError`.
    func openControl(
        _ options: APIOptions, on address: ListenAddress, journal: Journal?
    ) throws(ProxyError) -> ControlAPI {
        var options = options
        (options.loop, options.scanTurns) = (loop, scanTurns)
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

    // MARK: All of it

    /// Of the proxies, and of the control port.
    private var environments: [ProxyEnvironment] { [environment, controlEnvironment] }
    var proxies: [Proxy] { registry.proxies.map(\.proxy) + [control].compactMap(\.self) }
    var connectionCount: Int { environments.reduce(0) { $0 + $1.connectionCount } }
    /// Connections that were accepted since the start.
    var acceptedCount: UInt64 { environments.reduce(0) { $0 &+ $1.acceptedCount } }

    /// Sets the time, and holds every session against its limits.
    ///
    /// - Parameters:
    ///   - date: whole seconds since 1970.
    ///   - tick: whole seconds since the start.
    func everySecond(date: Int64, tick: UInt32) {
        for environment in environments { environment.everySecond(date: date, tick: tick) }
    }

    /// - Parameter nanoseconds: from the monotonic clock to 1970.
    func set(wallOffset nanoseconds: Int64, date: Int64) {
        environment.measured(wallOffset: nanoseconds)
        for environment in environments { environment.date = date }
    }

    func drain() {
        for proxy in proxies { proxy.drain() }
    }

    func cut() {
        for environment in environments { environment.cut() }
    }

    /// Gives back all ports, and ends all connections with FIN.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for found in registry.proxies { try? registry.delete(found.name) }
        control?.stopListening()
        control?.closeConnections()
        registry.controlAddresses = []
    }
}

/// What all worlds of a process have together.
struct SharedByWorlds {
    /// Bytes that toxics hold back.
    let held = HeldBytes()
    let heads = KnownHeads()
    /// How often trouble is told.
    let troubles = TroubleReports()
    /// Where control ports listen.
    let controls = ControlAddresses()
    let texts = ScriptTexts()
    /// How much of the journals is looked at.
    let scanTurns = ScanTurns()
}
