import EventLoop
import Faults

// What a proxy counts of its clients, and whether it lets a request in.
extension Proxy {
    /// What is to become of a request.
    enum Admission {
        case serve
        case refuse(ExchangeRecord.Refusal, retryAfter: Nanoseconds?)
        /// It is asked again when it has its place.
        case wait
    }

    /// To be asked for each complete request before anything is drawn for it.
    func admission(of session: Session) -> Admission {
        guard !session.standing.contains(.via) else { return .serve }
        if session.standing.contains(.surplus) {
            return .refuse(.maxConnections, retryAfter: errors.retryAfter)
        }
        if session.standing.contains(.granted) {
            note(waitedSince: queue.take(session))
            return .serve
        }
        if session.standing.contains(.expired) {
            note(waitedSince: queue.take(session))
            return .refuse(.maxConcurrency, retryAfter: errors.retryAfter)
        }
        // It may ask again before it has its place.
        if session.standing.contains(.queued) { return .wait }
        let now = environment.now()
        if let wait = bucket?.take(at: now) {
            return .refuse(.rate, retryAfter: errors.retryAfter.map { max($0, wait) })
        }
        guard let maximum = requestLimits.maxConcurrency,
            counters.inFlight + queue.granted >= maximum
        else { return .serve }
        guard requestLimits.overLimit == .queue, queue.count < RequestLimits.maximumQueued else {
            return .refuse(.maxConcurrency, retryAfter: errors.retryAfter)
        }
        queue.append(
            session, since: now, until: environment.tick &+ RequestLimits.maximumWait &+ 1)
        return .wait
    }

    /// Lets those in that waited for a place.
    func admitWaiting() {
        guard queue.count > 0 else { return }
        let maximum = requestLimits.maxConcurrency ?? .max
        while queue.count > 0, counters.inFlight + queue.granted < maximum { queue.grantNext() }
    }

    /// No request of it waits any more.
    func leaveQueue(_ session: Session) {
        guard session.standing.contains(.queued) else { return }
        queue.take(session)
        admitWaiting()
    }

    /// Requests that wait for a place.
    public var queuedCount: Int { queue.count }

    // MARK: Meters

    /// A request is let in.
    ///
    /// - Returns: how many are under way now.
    @inline(__always)
    func began(_ session: Session) -> Int {
        guard !session.standing.contains(.via) else { return counters.inFlight }
        counters.requests += 1
        counters.inFlight += 1
        if counters.inFlight > counters.peak { counters.peak = counters.inFlight }
        session.meter?.began()
        return counters.inFlight
    }

    /// A request that was let in is over, or its client has gone.
    @inline(__always)
    func ended(_ session: Session) {
        guard !session.standing.contains(.via) else { return }
        counters.inFlight -= 1
        session.meter?.ended()
        if queue.count > 0 { admitWaiting() }
    }

    func injected(_ session: Session) {
        if !session.standing.contains(.via) { counters.injected += 1 }
    }

    func refused() {
        counters.requests += 1
        counters.refused += 1
    }

    func malformed(_ session: Session) {
        if !session.standing.contains(.via) { counters.malformed += 1 }
    }

    /// A connection has come.
    func joined(_ session: Session, from peer: SocketAddress?) {
        if let peer, let proxy = environment.dialled.removeValue(forKey: peer)?.proxy {
            vias[ObjectIdentifier(session)] = proxy
            session.standing.insert(.via)
            return
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
        environment.dialled[address] = (name, port)
    }

    /// Nobody listens there: no client will come from `address`.
    func dialFailed(from address: SocketAddress) {
        environment.dialled[address] = nil
    }

    /// A connection has gone.
    func left(_ session: Session) {
        leaveQueue(session)
        if session.standing.contains(.via) { vias[ObjectIdentifier(session)] = nil }
        guard session.standing.isDisjoint(with: [.via, .surplus]) else { return }
        counters.connections -= 1
        session.meter?.connections -= 1
    }

    /// The proxy through which a session's client comes.
    func via(_ session: Session) -> String? {
        guard session.standing.contains(.via) else { return nil }
        return vias[ObjectIdentifier(session)]
    }

    /// What each client address has under way.
    public var clients: [ClientMeter] { Array(meters.values) }

    /// Peaks begin again with what is under way.
    public func resetPeaks() {
        (counters.peak, counters.peakConnections) = (counters.inFlight, counters.connections)
        for meter in meters.values { meter.resetPeak() }
    }
}
