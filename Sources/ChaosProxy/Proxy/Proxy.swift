public import EventLoop
public import Faults
public import HTTPWire
import Records

/// A listener with everything behind it: the plan of its faults, its upstream and its sessions.
/// Loop thread only.
public final class Proxy {
    public let name: String
    /// Decides what an exchange is.
    public let `protocol`: ProxyProtocol
    public private(set) var upstream: Upstream
    /// What is behind it, if that is a site: out of `upstream` it would be copied for each request.
    let site: Site?
    /// Faults of the exchanges that begin from now on.
    public internal(set) var plan: FaultPlan
    public internal(set) var counters = ProxyCounters()
    /// What was counted before the last reset.
    var earlier = ProxyCounters()

    /// Statuses of the errors that Vaurien's behaviours answer here.
    public let errors: Respond
    /// Whether the Host field of forwarded requests is made to name the backend.
    public let overwritesHost: Bool
    /// Of its site: another target of the same kind, chosen by `seed`; nil if there is none.
    public typealias OtherTarget = (_ target: String, _ seed: UInt64) -> String?
    /// nil: nobody knows another one.
    let otherTarget: OtherTarget?
    /// What requests bring along; nil: they are not asked.
    let requestedFaults: RequestedFaults?
    /// How much clients may have at once; from the next request on where it has changed.
    public private(set) var requestLimits: RequestLimits
    let environment: ProxyEnvironment
    /// Among all of its environment, by when they were made.
    private let order: UInt64
    let limits: TimeLimits
    /// Largest request content that the site is given, in bytes; 0: content is ignored.
    let maximumContent: Int
    var faultAnswers: FaultAnswers
    /// What its connections share.
    let bandwidth = SharedBandwidth()
    private(set) var isDraining = false

    /// All toxics, in force or not.
    var timed: TimedToxics
    /// Asks to be told when others are in force.
    var alarm: ProxyEnvironment.Alarm?
    private var attempts = AttemptCounter()
    /// Of the toxics that have counts of their own.
    var matches = MatchCounter()
    private var hasWarnedOfTargets = false
    private var hasWarnedOfSubjects = false
    private var connections: UInt32 = 0
    /// Connections that were drawn for, since the last reset.
    private var drawnConnections: UInt64 = 0
    private(set) var listeners: [Listener] = []
    /// Beside each of them, of a name server.
    private var datagrams: [DatagramListener] = []
    private var admissions: [ConnectionLimit] = []
    /// Where connections over the limit wait in the kernel's queue.
    private let connectionLimit = ConnectionLimit(.max)
    private(set) var sessions: [Session] = []
    /// By address with port 0.
    private(set) var meters: [SocketAddress: ClientMeter] = [:]
    var bucket: TokenBucket?
    /// Whether requests have to be asked for admission.
    private(set) var isLimited = false
    let queue = RequestQueue()
    /// Exchanges seen when the mix was set: `warmup` counts from there.
    private var mixFirst: UInt64 = 0

    /// - Parameters:
    ///   - extraFields: of the answers that faults give (CORS).
    ///   - maximumContent: largest request content that a site gets to see, in bytes.
    ///   - otherTarget: of a site, for scripts that answer with another thing of it.
    ///   - requestedFaults: reads what faults requests bring along, before a site.
    public init(
        name: String, protocol: ProxyProtocol = .http, upstream: Upstream, toxics: [Toxic] = [],
        mix: BehaviourMix? = nil, environment: ProxyEnvironment,
        limits: TimeLimits = TimeLimits(), errors: Respond = .standard,
        overwritesHost: Bool = false, extraFields: [HTTPField] = [], maximumContent: Int = 0,
        requestLimits: RequestLimits = RequestLimits(), otherTarget: OtherTarget? = nil,
        requestedFaults: RequestedFaults? = nil
    ) {
        (self.name, self.protocol, self.upstream) = (name, `protocol`, upstream)
        site = upstream.site
        (self.environment, self.limits, self.maximumContent) = (environment, limits, maximumContent)
        order = environment.nextProxyOrder()
        (self.errors, self.overwritesHost) = (errors, overwritesHost)
        self.requestLimits = RequestLimits()
        (self.otherTarget, self.requestedFaults) = (otherTarget, requestedFaults)
        timed = TimedToxics(toxics, at: environment.now())
        plan = FaultPlan(
            timed.inForce, mix: mix, proxy: name, seed: environment.seed,
            isOpen: requestedFaults != nil)
        faultAnswers = FaultAnswers(extraFields: extraFields)
        set(limits: requestLimits)
        setAlarm()
    }

    // MARK: Faults

    /// Those that there are, in force or not.
    public var toxics: [Toxic] { timed.all }
    public var mix: BehaviourMix? { plan.mix }

    /// Replaces the toxics, on every live session too when this returns.
    public func set(toxics: [Toxic]) {
        change(toxics, mix)
    }

    /// Replaces Vaurien's behaviours; nil: none.
    public func set(mix: BehaviourMix?) {
        mixFirst = `protocol`.drawsPerConnection ? drawnConnections : counters.drawn
        change(toxics, mix)
    }

    private func change(_ toxics: [Toxic], _ mix: BehaviourMix?) {
        timed.replace(toxics, at: environment.now())
        putInForce(mix)
        matches.keep(toxics)
        tellSessions()
    }

    /// What is in force now is the plan from here on.
    func putInForce(_ mix: BehaviourMix?) {
        plan = FaultPlan(
            timed.inForce, mix: mix, proxy: name, seed: environment.seed, first: mixFirst,
            isOpen: requestedFaults != nil,
            dormant: `protocol`.drawsPerConnection ? [] : timed.dormant)
        for listener in listeners { treat(listener) }
        setAlarm()
    }

    /// The plan holds for each session when this returns.
    func tellSessions() {
        // A session that ends leaves the list only when the callback under way is over. Those that
        // came first are counted first.
        let sessions = plan.hasOwnCounts ? sessions.sorted { $0.number < $1.number } : sessions
        for session in sessions { session.planChanged() }
    }

    /// Attempts, and all that is drawn by, start again.
    func restartDraws() {
        attempts.reset()
        matches.reset()
        drawnConnections = 0
        counters.drawn = 0
        mixFirst = 0
        timed.restart(at: environment.now())
        change(toxics, mix)
    }

    /// Counters start again with what is under way. No session hears of it.
    func restartCounters() {
        for meter in meters.values { meter.resetPeak() }
        earlier.add(counters.restart())
    }

    /// What was counted since the start, whatever was reset since.
    public var totals: ProxyCounters {
        var totals = earlier
        totals.add(counters)
        return totals
    }

    /// Where connections from now on go.
    public func set(upstream: Backend) {
        self.upstream = .address(upstream)
    }

    // MARK: Limits

    /// Replaces the limits. Who is over a lower one stays; who waits goes on under a higher one.
    public func set(limits: RequestLimits) {
        if limits.rate != requestLimits.rate { bucket = limits.rate.map(TokenBucket.init) }
        requestLimits = limits
        let waits = limits.overLimit == nil || limits.overLimit == .queue
        connectionLimit.maximum = waits ? limits.maxConnections ?? .max : .max
        isLimited =
            bucket != nil || limits.maxConcurrency != nil || limits.maxConcurrencyPerClient != nil
        admitWaiting()
    }

    /// What a request over a limit is answered; nil: nothing.
    func status(of refusal: ExchangeRecord.Refusal) -> HTTPStatus? {
        switch requestLimits.overLimit {
        case .close? where refusal != .rate: nil
        case .respond(let status)? where refusal != .rate: status
        case .close?, .respond?, .queue?, nil: refusal == .rate ? 429 : 503
        }
    }

    // MARK: Connections

    public var addresses: [SocketAddress] { listeners.map(\.address) }
    /// Whether it listens where a connection to `address` arrives.
    func isListening(on address: SocketAddress) -> Bool {
        listeners.contains { address.reaches($0.address) }
    }
    /// Whether it listens.
    public var isEnabled: Bool { !listeners.isEmpty }
    public var connectionCount: Int { sessions.count }
    /// Connections that still wait for an answer.
    public var owingCount: Int { sessions.count { $0.isOwing } }

    /// Listens on `address`; may be called for several.
    ///
    /// - Parameter limits: how many connections there may be: the first one counts descriptors,
    ///   of which a connection with a backend takes two.
    /// - Throws: `EventLoopError` if the address cannot be bound.
    public func listen(
        on address: SocketAddress, limits: [ConnectionLimit], loop: EventLoop
    ) throws(EventLoopError) {
        let limits = limits + [connectionLimit]
        let listener = try Listener(address, limits: limits, places: places, on: loop)
        admissions = limits
        listener.onAccept = { [unowned self, unowned loop] descriptor, peer in
            accept(Connection(descriptor: descriptor, on: loop), from: peer)
        }
        listener.onTrouble = environment.warn
        if let zone = upstream.zone {
            do throws(EventLoopError) {
                datagrams.append(try answering(on: listener.address, from: zone, loop: loop))
            } catch {
                listener.close()
                throw error
            }
        }
        listeners.append(listener)
        treat(listener)
    }

    /// Descriptors that a connection takes.
    private var places: Int { upstream.isSite ? 1 : 2 }

    /// Takes back all listeners, so that their port is free again.
    public func stopListening() {
        forgetDialled()
        for listener in listeners { listener.close() }
        // They are closed behind the last answer that they owe.
        for listener in datagrams { listener.stop() }
        (listeners, datagrams) = ([], [])
    }

    /// Closes every connection with FIN on both sides at once, as Toxiproxy does when a proxy is
    /// disabled.
    public func closeConnections() {
        for session in sessions { session.close() }
    }

    /// Takes a connection that has come by another way than a socket, with all that an accepted one
    /// meets.
    ///
    /// - Returns: false if it would have to wait before the door, or be refused there.
    func take(_ stream: some ByteStream, from peer: SocketAddress?) -> Bool {
        guard let listener = listeners.first, listener.letsIn() else { return false }
        accept(stream, from: peer)
        return true
    }

    @_specialize(where Stream == Connection)
    private func accept<Stream: ByteStream>(_ connection: Stream, from peer: SocketAddress?) {
        // In steps: doubling would cost each of ten thousand connections half a place more.
        if sessions.count == sessions.capacity {
            sessions.reserveCapacity(sessions.count + max(sessions.count / 8, 64))
        }
        environment.acceptedCount &+= 1
        environment.onAccept?(self, peer)
        switch upstream {
        case .site:
            let session = SiteSession(stream: connection, proxy: self, peer: peer)
            keep(session)
            let watch = environment.onWire.map { WatchedSession(session, peer, tell: $0) }
            connection.start(watch ?? session)
            if plan.hasArrivals { _ = session.getsIn() }
        case .names(let zone):
            answer(connection, from: zone, peer: peer)
        case .address:
            let session = RelaySession(stream: connection, proxy: self, peer: peer)
            keep(session)
            connection.start(session)
            session.begin()
        }
    }

    /// Puts a session into the list, at its end.
    func keep(_ session: Session) {
        if sessions.isEmpty { environment.busy[order] = self }
        session.index = Int32(sessions.count)
        sessions.append(session)
    }

    func nextConnectionNumber() -> UInt32 {
        connections &+= 1
        return connections
    }

    /// Numbers a connection for the draw.
    func nextConnectionOrdinal() -> UInt64 {
        drawnConnections += 1
        return drawnConnections
    }

    /// What the address of a client has under way here; nil for what is not told apart.
    func meter(of peer: SocketAddress?) -> ClientMeter? {
        guard let address = peer?.with(port: 0) else { return nil }
        if let known = meters[address] { return known }
        guard meters.count < ClientMeter.maximumClients else { return nil }
        let made = ClientMeter(address, total: environment.meter(of: address))
        meters[address] = made
        return made
    }

    /// A session is over. The last session takes its place in the list.
    func remove(_ session: Session) {
        matches.forget(connection: session.number)
        guard session.index >= 0 else { return }
        let last = sessions.removeLast()
        if Int(session.index) < sessions.count {
            last.index = session.index
            sessions[Int(session.index)] = last
        }
        for (index, limit) in admissions.enumerated() where session.isConnection {
            limit.leave(places: index == 0 ? places : 1)
        }
        if sessions.isEmpty { environment.busy[order] = nil }
    }

    /// Holds every session against its time limit.
    func checkTimeLimits() {
        let now = environment.now().nanoseconds
        for session in sessions { session.checkTimeLimits(now) }
        queue.expire(at: environment.tick)
    }

    /// Accepts nothing more and lets each session end with the answers it owes.
    public func drain() {
        isDraining = true
        stopListening()
        for session in sessions { session.drain() }
    }

    /// Ends what is left.
    public func cut() {
        for session in sessions { session.reset() }
    }

    // MARK: Exchanges

    /// Targets that always have a place in the count of attempts, by `SeededGenerator.hash`.
    public func register(targets: Set<UInt64>) { attempts.register(targets) }

    /// Numbers an exchange for the draw.
    ///
    /// - Returns: also whether the attempt is a real count.
    func exchange(for target: UnsafeRawBufferPointer) -> (DrawKey, isCounted: Bool) {
        let hash = SeededGenerator.hash(target)
        let attempt = attempts.next(hash)
        if attempt == nil, !hasWarnedOfTargets {
            hasWarnedOfTargets = true
            environment.onWarning(
                "\(name): more than \(AttemptCounter.unknownTargets) different targets; the "
                    + "attempts of further ones are not counted and drawn as the first")
        }
        counters.drawn += 1
        let exchange = DrawKey(target: hash, attempt: attempt ?? 1, number: counters.drawn)
        return (exchange, attempt != nil)
    }

    /// Counts an attempt at a target for which nothing is drawn.
    ///
    /// - Returns: nil if too many targets are known to count.
    func attempt(at target: UnsafeRawBufferPointer) -> UInt32? {
        attempts.next(SeededGenerator.hash(target))
    }

    func warnOfSubjects() {
        guard !hasWarnedOfSubjects else { return }
        hasWarnedOfSubjects = true
        environment.onWarning(
            "\(name): toxics count more than \(MatchCounter.maximumSubjects) different clients and "
                + "values; exchanges of further ones are not counted and drawn as the first")
    }
}
