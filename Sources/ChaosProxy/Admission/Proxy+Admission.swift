import EventLoop
public import Faults
import Records

// What a proxy counts of its clients, and whether it lets a request in.
extension Proxy {
    /// What is to become of a request.
    enum Admission {
        /// `waitedSince` is nil if it did not have to wait.
        case serve(waitedSince: Instant?)
        case refuse(Refused)
        /// It is asked again when it has its place.
        case wait
    }

    /// A request that is over a limit.
    struct Refused {
        let reason: ExchangeRecord.Refusal
        /// nil: that is not told.
        let retryAfter: Nanoseconds?
        /// nil if it did not have to wait.
        var waitedSince: Instant?
    }

    /// To be asked for each complete request before anything is drawn for it.
    func admission(of session: Session) -> Admission {
        guard !session.standing.contains(.via) else { return .serve(waitedSince: nil) }
        let retryAfter = errors.retryAfter
        if session.standing.contains(.surplus) {
            return .refuse(Refused(reason: .maxConnections, retryAfter: retryAfter))
        }
        if session.standing.contains(.granted) {
            return .serve(waitedSince: queue.take(session, at: environment.now()))
        }
        if session.standing.contains(.expired) {
            let since = queue.take(session, at: environment.now())
            let reason = limitReached(by: session) ?? usualLimit
            return .refuse(Refused(reason: reason, retryAfter: retryAfter, waitedSince: since))
        }
        // It may ask again before it has its place.
        if session.standing.contains(.queued) { return .wait }
        let now = environment.now()
        if let wait = bucket?.take(at: now) {
            return .refuse(Refused(reason: .rate, retryAfter: retryAfter.map { max($0, wait) }))
        }
        guard let reason = limitReached(by: session) else { return .serve(waitedSince: nil) }
        guard requestLimits.overLimit == .queue, queue.count < RequestLimits.maximumQueued else {
            return .refuse(Refused(reason: reason, retryAfter: retryAfter))
        }
        queue.append(
            session, since: now, until: environment.tick &+ RequestLimits.maximumWait &+ 1)
        return .wait
    }

    /// What keeps one more request of a session out; nil: nothing does.
    private func limitReached(by session: Session) -> ExchangeRecord.Refusal? {
        if isFull { return .maxConcurrency }
        if let maximum = requestLimits.maxConcurrencyPerClient, let meter = session.meter,
            meter.inFlight + queue.granted(to: meter) >= maximum
        {
            return .maxConcurrencyPerClient
        }
        return nil
    }

    private var isFull: Bool {
        requestLimits.maxConcurrency.map { counters.inFlight + queue.granted >= $0 } ?? false
    }

    /// Of one that waited, when nothing keeps it out any more.
    private var usualLimit: ExchangeRecord.Refusal {
        requestLimits.maxConcurrency == nil && requestLimits.maxConcurrencyPerClient != nil
            ? .maxConcurrencyPerClient : .maxConcurrency
    }

    /// Lets those in that waited for a place, the first first, but nobody waits behind another
    /// client that has as much as it may.
    func admitWaiting() {
        while queue.count > 0, !isFull,
            queue.grant(where: { limitReached(by: $0) == nil })
        {}
    }

    /// No request of it waits any more.
    func leaveQueue(_ session: Session) {
        guard session.standing.contains(.queued) else { return }
        queue.take(session, at: environment.now())
        admitWaiting()
    }

    /// Requests that wait for a place.
    public var queuedCount: Int { queue.count }

    // MARK: Meters

    /// A request is let in.
    ///
    /// - Returns: how many are under way now.
    @inline(__always)
    func began(_ session: Session, at start: Instant) -> Int {
        guard !session.standing.contains(.via) else { return counters.inFlight }
        counters.requests += 1
        counters.inFlight += 1
        counters.flightTime.began(at: start)
        if counters.inFlight > counters.peak { counters.peak = counters.inFlight }
        session.meter?.began()
        return counters.inFlight
    }

    /// A request that was let in is over, or its client has gone.
    @inline(__always)
    func ended(_ session: Session, at end: Instant) {
        guard !session.standing.contains(.via) else { return }
        counters.inFlight -= 1
        counters.flightTime.ended(at: end)
        session.meter?.ended()
        if queue.count > 0 { admitWaiting() }
    }

    /// A request was let in and is over: what `began` and `ended` do one after the other.
    ///
    /// - Returns: how many were under way with it.
    @inline(__always)
    func passed(_ session: Session, from start: Instant, to end: Instant) -> Int {
        guard !session.standing.contains(.via) else { return counters.inFlight }
        counters.requests += 1
        counters.flightTime.began(at: start)
        counters.flightTime.ended(at: end)
        let inFlight = counters.inFlight + 1
        if inFlight > counters.peak { counters.peak = inFlight }
        session.meter?.passed()
        return inFlight
    }

    /// The same of what takes no time.
    func passed(from peer: SocketAddress) -> Int {
        counters.requests += 1
        let inFlight = counters.inFlight + 1
        if inFlight > counters.peak { counters.peak = inFlight }
        meter(of: peer)?.passed()
        return inFlight
    }

    /// How long exchanges have been under way, all together: exchange-nanoseconds since the start.
    public var flightTime: Nanoseconds {
        counters.flightTime.total(inFlight: counters.inFlight, at: environment.now())
    }

    /// The same of requests that waited for a place before.
    public var timeQueued: Nanoseconds { queue.timeWaited(at: environment.now()) }

    func injected(_ session: Session) {
        if !session.standing.contains(.via) { counters.injected += 1 }
    }

    func malformed(_ session: Session) {
        if !session.standing.contains(.via) { counters.malformed += 1 }
    }

    /// A connection has come.
    func joined(_ session: Session, from peer: SocketAddress?) {
        if let peer, let dialled = environment.dialled.removeValue(forKey: peer) {
            session.comes(via: dialled.proxy, isCountedThere: dialled.hasRequests)
            if dialled.hasRequests { return }
        }
        if let maximum = requestLimits.maxConnections, counters.connections >= maximum {
            session.standing.insert(.surplus)
            return
        }
        counters.connections += 1
        counters.peakConnections = max(counters.peakConnections, counters.connections)
        session.meter?.connections += 1
    }

    /// It connects to one of our own listeners, which will see `address`.
    func dials(from address: SocketAddress, to port: UInt16) {
        environment.dialled[address] = (name, !`protocol`.drawsPerConnection, port)
    }

    /// Nobody listens there: no client will come from `address`.
    func dialFailed(from address: SocketAddress) {
        environment.dialled[address] = nil
    }

    /// A connection has gone.
    func left(_ session: Session) {
        leaveQueue(session)
        guard session.standing.isDisjoint(with: [.via, .surplus]) else { return }
        counters.connections -= 1
        session.meter?.connections -= 1
    }

    /// What each client address has under way.
    public var clients: [ClientMeter] { Array(meters.values) }

    /// Peaks begin again with what is under way.
    public func resetPeaks() {
        earlier.notePeaks(of: counters)
        (counters.peak, counters.peakConnections) = (counters.inFlight, counters.connections)
        for meter in meters.values { meter.resetPeak() }
    }
}
