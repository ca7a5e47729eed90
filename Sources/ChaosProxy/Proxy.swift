public import EventLoop
public import Faults
public import HTTPWire

/// A listener with everything behind it: the plan of its faults, its upstream and its sessions.
/// Loop thread only.
public final class Proxy {
    public let name: String
    /// Faults of the exchanges that begin from now on.
    public var plan: FaultPlan
    public let upstream: Upstream
    public private(set) var counters = ProxyCounters()

    let environment: ProxyEnvironment
    let limits: TimeLimits
    var faultAnswers: FaultAnswers
    private(set) var isDraining = false

    private var attempts = AttemptCounter()
    private var hasWarnedOfTargets = false
    private var connections: UInt32 = 0
    private var listeners: [Listener] = []
    private var admissions: [ConnectionLimit] = []
    private var sessions: [Session<Connection>] = []

    /// - Parameter extraFields: of the answers that faults give (CORS).
    public init(
        name: String, plan: FaultPlan, upstream: Upstream, environment: ProxyEnvironment,
        limits: TimeLimits = TimeLimits(), extraFields: [HTTPField] = []
    ) {
        (self.name, self.plan, self.upstream) = (name, plan, upstream)
        (self.environment, self.limits) = (environment, limits)
        faultAnswers = FaultAnswers(extraFields: extraFields)
    }

    // MARK: Connections

    public var addresses: [SocketAddress] { listeners.map(\.address) }
    public var connectionCount: Int { sessions.count }
    /// Connections that still wait for an answer.
    public var owingCount: Int { sessions.count { $0.waiting != nil } }

    /// Listens on `address`; may be called for several.
    ///
    /// - Parameter limits: how many connections there may be, of this proxy and of all.
    /// - Throws: `EventLoopError` if the address cannot be bound.
    public func listen(
        on address: SocketAddress, limits: [ConnectionLimit], loop: EventLoop
    ) throws(EventLoopError) {
        let listener = try Listener(address, limits: limits, on: loop)
        admissions = limits
        listener.onAccept = { [unowned self, unowned loop] descriptor in
            accept(Connection(descriptor: descriptor, on: loop))
        }
        listener.onTrouble = { [environment] in environment.warnOfTrouble("\($0)") }
        listeners.append(listener)
    }

    /// Takes back all listeners, so that their port is free again.
    public func stopListening() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    private func accept(_ connection: Connection) {
        let session = Session(stream: connection, proxy: self, index: Int32(sessions.count))
        // In steps: doubling would cost each of ten thousand connections half a place more.
        if sessions.count == sessions.capacity {
            sessions.reserveCapacity(sessions.count + max(sessions.count / 8, 64))
        }
        sessions.append(session)
        connection.start(session)
    }

    func nextConnectionNumber() -> UInt32 {
        connections &+= 1
        return connections
    }

    /// A session's connection is closed. The last session takes its place in the list.
    func remove(sessionAt index: Int32) {
        guard index >= 0 else { return }
        let last = sessions.removeLast()
        if Int(index) < sessions.count {
            last.index = index
            sessions[Int(index)] = last
        }
        for limit in admissions { limit.leave() }
    }

    /// Holds every session against its time limit. Once a second.
    public func checkTimeLimits() {
        let now = environment.now().nanoseconds
        for session in sessions { session.checkTimeLimits(now) }
    }

    /// Accepts nothing more and lets each session end with the answers it owes.
    public func drain() {
        isDraining = true
        stopListening()
        for session in sessions { session.drain() }
    }

    /// Ends what is left.
    public func cut() {
        for session in sessions { session.stream.reset() }
    }

    // MARK: Exchanges

    /// Targets that always have a place in the count of attempts.
    public func register(targets: [String]) {
        for target in targets { attempts.register(SeededGenerator.hash(target.utf8)) }
    }

    /// Numbers an exchange for the draw.
    ///
    /// - Returns: also whether the attempt is a real count.
    func exchange(for target: UnsafeRawBufferPointer) -> (Exchange, isCounted: Bool) {
        let hash = SeededGenerator.hash(target)
        let attempt = attempts.next(hash)
        if attempt == nil, !hasWarnedOfTargets {
            hasWarnedOfTargets = true
            environment.onWarning(
                "\(name): more than \(AttemptCounter.unknownTargets) different targets; the "
                    + "attempts of further ones are not counted and drawn as the first")
        }
        counters.drawn += 1
        let exchange = Exchange(target: hash, attempt: attempt ?? 1, number: counters.drawn)
        return (exchange, attempt != nil)
    }

    func began() -> Int {
        counters.requests += 1
        counters.inFlight += 1
        counters.peak = max(counters.peak, counters.inFlight)
        return counters.inFlight
    }

    func ended() {
        counters.inFlight -= 1
    }

    func injected() {
        counters.injected += 1
    }

    /// A request that is not served is under way all the same, until its answer has left.
    func refused() -> Int {
        counters.refused += 1
        counters.inFlight += 1
        return counters.inFlight
    }

    func failed() {
        counters.unplanned += 1
    }
}

/// Totals since the start.
public struct ProxyCounters: Sendable {
    /// Well-formed requests.
    public var requests: UInt64 = 0
    /// Those that met a plan.
    public var drawn: UInt64 = 0
    /// Answers that a fault gave.
    public var injected: UInt64 = 0
    /// Malformed requests and those that took too long.
    public var refused: UInt64 = 0
    /// Responses that could not be delivered, without a fault that explains it.
    public var unplanned: UInt64 = 0
    public var inFlight = 0
    /// Most requests under way at once.
    public var peak = 0
}
