public import EventLoop
public import Faults
public import HTTPWire
public import Records

/// What all proxies of a process are told by the outside: the time, the seed, the way to other
/// servers, and who wants to hear. Loop thread only.
public final class ProxyEnvironment {
    /// Connects to a backend for a proxy; what it returns keeps the attempt alive. The stream is
    /// handed over once, later.
    public typealias Dial = (
        Backend, Proxy, @escaping (Result<AnyObject, DialError>) -> Void
    ) -> AnyObject

    /// Has an action done at an instant of `now`; a later call moves it, and nil cancels it.
    public typealias Alarm = (Instant?) -> Void

    /// Monotonic time, read at each call.
    public let now: () -> Instant
    /// All draws begin with it.
    public let seed: UInt64
    /// Of all exchanges that begin; nil outside of all worlds, until a test says what it is.
    public private(set) var origin: RecordOrigin?
    private var lastLabelled: RecordOrigin?
    /// Whole seconds since 1970, for Date; set once a second.
    public var date: Int64
    /// Whole seconds since the start, for time limits; set once a second.
    public var tick: UInt32 = 0
    /// Nanoseconds from the monotonic clock to 1970; set once a second.
    public var wallOffset: Int64 = 0
    /// Another origin of ours for scripts, `http://localhost:8001`; empty if there is none.
    public var elsewhere = ""
    /// Gets the record of every exchange, to keep: a copy would cost each request of LOCAL as much
    /// as making it. nil if nobody wants them.
    public var onRecord: ((consuming ExchangeRecord) -> Void)? {
        didSet { isRecorded = onRecord != nil }
    }
    /// Whether anybody does: asking a closure costs more, and each request asks.
    private(set) var isRecorded = false
    /// Whether answers that met a fault say so in `Server-Timing`.
    public var hasFaultFields = false
    /// Hears of what Vaurien counts; nil if nobody does.
    public var onTraffic: ((Traffic, Proxy) -> Void)?
    /// Hears that a proxy listens now, or does not any more.
    public var onListening: ((Proxy, _ listens: Bool) -> Void)?
    /// Hears of every connection that is accepted.
    public var onAccept: ((Proxy, SocketAddress?) -> Void)?
    /// Hears what goes over the wire; nil if nobody does. To be set before anything is accepted.
    /// Only answers that met a fault are heard.
    public var onWire: ((WireSight) -> Void)?
    /// Gets what an operator should know, one sentence each.
    public var onWarning: (String) -> Void = { _ in }
    /// Who asks a site that is given the content of requests.
    public internal(set) var asker: SocketAddress?
    /// Makes an alarm for an action. Needed by toxics that are in force at times only.
    public var makeAlarm: ((_ action: @escaping () -> Void) -> Alarm)?
    /// Needed by proxies with an address behind them.
    public var dial: Dial?
    /// What each client address has under way at all proxies, by address with port 0.
    public private(set) var meters: [SocketAddress: ClientMeter] = [:]
    /// Our own ends of the connections to listeners of ours that have not been accepted yet, with
    /// the name of the proxy that made them, whether it has records of requests, and the port that
    /// they lead to.
    var dialled: [SocketAddress: (proxy: String, hasRequests: Bool, port: UInt16)] = [:]
    /// How many records there have been.
    public private(set) var recordCount: UInt64 = 0
    /// Bytes that toxics hold back now.
    let held: HeldBytes
    /// Of the requests to its sites.
    let heads: KnownHeads
    /// Where what they hold back lies.
    public var buffers = BufferPool()
    /// How many connections have been accepted.
    public internal(set) var acceptedCount: UInt64 = 0
    /// The proxies that have sessions, also those that were deleted, by their order.
    var busy: [UInt64: Proxy] = [:]
    private var madeCount: UInt64 = 0
    private let troubles: TroubleReports

    /// What happens on a proxied connection, in Vaurien's words.
    public enum Traffic: String, CaseIterable, Sendable {
        case start
        case toBackend = "to_backend"
        case toClient = "to_client"
        case end
    }

    /// - Parameters:
    ///   - world: the name of the private world that it is of; nil: of none.
    ///   - held: what is counted together with others.
    ///   - heads: what is known together with others.
    ///   - troubles: what is told together with others.
    public init(
        date: Int64, seed: UInt64 = 0, world: String? = nil, held: HeldBytes = HeldBytes(),
        heads: KnownHeads = KnownHeads(), troubles: TroubleReports = TroubleReports(),
        now: @escaping () -> Instant
    ) {
        (self.date, self.seed, self.held, self.now) = (date, seed, held, now)
        (self.heads, self.troubles) = (heads, troubles)
        origin = world.map { RecordOrigin(world: $0, seed: seed) }
    }

    /// What exchanges are called that begin from now on and have no name of their own.
    ///
    /// - Parameter label: nil: nothing.
    public func mark(_ label: String?) {
        let isPlain = label == nil && origin?.world == nil
        origin = isPlain ? nil : RecordOrigin(world: origin?.world, seed: seed, label: label)
    }

    /// Of a request that may have a name.
    @inline(__always)
    func origin(of request: HTTPRequest?) -> RecordOrigin? {
        guard let request, request.traits.contains(.label) else { return origin }
        return labelled(request.label ?? origin?.label)
    }

    /// Nearly always the same for many requests, which then share it.
    private func labelled(_ label: String?) -> RecordOrigin {
        if let lastLabelled, lastLabelled.label == label { return lastLabelled }
        let made = RecordOrigin(world: origin?.world, seed: seed, label: label)
        lastLabelled = made
        return made
    }

    /// A proxy is made.
    ///
    /// - Returns: how many there were before it.
    func nextProxyOrder() -> UInt64 {
        defer { madeCount += 1 }
        return madeCount
    }

    /// The first one first: else what happens in one second would have another order in each run.
    private var allBusy: [Proxy] { busy.sorted { $0.key < $1.key }.map(\.value) }

    /// Once a second: sets the time, and holds every session against its limits.
    ///
    /// - Parameters:
    ///   - date: whole seconds since 1970.
    ///   - tick: whole seconds since the start.
    public func everySecond(date: Int64, tick: UInt32) {
        (self.date, self.tick) = (date, tick)
        for proxy in allBusy { proxy.checkTimeLimits() }
    }

    /// Two clocks are never read at one instant: what is off by less than this, in nanoseconds, was
    /// measured so. A time that is told twice is then the same.
    private static let measuringError: UInt64 = 100_000

    /// - Parameter nanoseconds: from `now` to 1970, as just measured.
    public func measured(wallOffset nanoseconds: Int64) {
        let isOff = (nanoseconds &- wallOffset).magnitude >= Self.measuringError
        if isOff { wallOffset = nanoseconds }
    }

    /// Numbers a record, counts it and hands it on.
    func record(_ record: consuming ExchangeRecord, of proxy: Proxy, at now: Instant) {
        guard let onRecord else { return }
        recordCount += 1
        record.sequence = recordCount
        record.time = Int64(truncatingIfNeeded: now.nanoseconds) &+ wallOffset
        if !record.isCountedElsewhere { proxy.counters.recorded.add(record) }
        onRecord(record)
    }

    /// The peaks of all clients begin again with what is under way.
    public func resetPeaks() {
        for meter in meters.values { meter.resetPeak() }
    }

    func meter(of address: SocketAddress) -> ClientMeter? {
        if let known = meters[address] { return known }
        guard meters.count < ClientMeter.maximumClients else { return nil }
        let made = ClientMeter(address, total: nil)
        meters[address] = made
        return made
    }

    /// Connections of all proxies, also of those that were deleted.
    public var connectionCount: Int { busy.values.reduce(0) { $0 + $1.connectionCount } }

    /// Ends all connections.
    public func cut() {
        for proxy in allBusy { proxy.cut() }
    }

    /// A call of a listener, or of a server of ours behind a proxy, has failed.
    public func warn(_ error: EventLoopError) {
        warn(of: .accepting(error.errno), "\(error)")
    }

    /// A warning that may come again and again, from every listener and connection: a kind is told
    /// once a second at most.
    func warn(of trouble: Trouble, _ text: String) {
        if troubles.mayTell(trouble, at: now()) { onWarning(text) }
    }
}
