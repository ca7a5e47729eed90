import Faults

/// What a connection has drawn when it came: how it begins, and how long it lasts. Few sessions
/// have any.
final class ConnectionLifetime {
    /// How long a reset waits, so that a client's connect is over and succeeds for each of them.
    static let resetDelay: Nanoseconds = 20_000_000

    /// When the connection came.
    let arrived: Instant
    /// What has become of the connection as it came; it is told whatever becomes of the toxics.
    private(set) var arrivals: [FaultPlan.DrawnFault]
    /// The script that speaks first once the connection has got in.
    let greeting: FaultPlan.DrawnFault?
    /// What its requests meet, and the times between them.
    private var lasting: [FaultPlan.DrawnFault]
    /// Until when nothing of it is read; nil: it has got in.
    private(set) var admission: Instant?
    /// How it ends instead of getting in.
    private(set) var cut: Cut?
    /// Which toxic that says.
    private var endedBy: String?
    /// How long it was not read, in nanoseconds, once that is over.
    private var waited: Nanoseconds = 0
    /// Since when, and behind how many exchanges, no request has come.
    private var idle: (since: Instant, count: UInt32)?
    private var idleDue: Instant?

    init(
        _ drawn: [FaultPlan.DrawnFault], greeting: FaultPlan.DrawnFault? = nil, at now: Instant
    ) {
        (arrived, self.greeting) = (now, greeting)
        arrivals = drawn.filter { $0.toxic.fault.arrival != nil }
        lasting = drawn.filter { $0.toxic.fault.arrival == nil }
        arrive(arrivals)
        for index in arrivals.indices {
            guard case .waits(let time)? = arrivals[index].toxic.fault.arrival else { continue }
            arrivals[index].hasActed = time > 0
        }
    }

    private func arrive(_ faults: [FaultPlan.DrawnFault]) {
        var delay: Nanoseconds = 0
        (admission, cut, endedBy) = (nil, nil, nil)
        for fault in faults {
            switch fault.toxic.fault.arrival {
            case .waits(let time)?: delay &+= time
            case .ends(let end)?:
                if cut == nil { (cut, endedBy) = (end, fault.toxic.name) }
            case nil: break
            }
        }
        if cut == .rst { delay &+= Self.resetDelay }
        if delay > 0 || cut != nil { admission = arrived + delay }
    }

    // MARK: How it begins

    /// Whether nothing of it is read yet.
    var isKeptOut: Bool { admission != nil }

    /// - Returns: whether its time has come.
    func getsIn(at now: Instant) -> Bool {
        guard let admission, admission <= now else { return false }
        self.admission = nil
        waited = now - arrived
        if let index = arrivals.firstIndex(where: { $0.toxic.name == endedBy }) {
            arrivals[index].hasActed = true
        }
        return true
    }

    /// How long it was, or is, not read.
    func kept(until now: Instant) -> Nanoseconds { isKeptOut ? now - arrived : waited }

    // MARK: How long it lasts

    /// What a request of it meets.
    ///
    /// - Parameter number: on the connection, from 1.
    func faults(ofRequest number: UInt32, in plan: FaultPlan) -> [FaultPlan.DrawnFault] {
        lasting.compactMap { fault in
            guard plan.has(fault.toxic.name) else { return nil }
            return FaultPlan.DrawnFault(
                toxic: fault.toxic, draw: fault.draw, effect: .stage(seed: UInt64(number)))
        }
    }

    /// Whether it stays open where it should end with an answer.
    func staysOpen(in plan: FaultPlan) -> Bool {
        lasting.contains { $0.toxic.fault.openTime != nil && plan.has($0.toxic.name) }
    }

    /// No request of it is under way, or none is waited for.
    ///
    /// - Parameter count: of its exchanges so far; nil: part of another one has come.
    /// - Returns: the faults whose time is over, with when it began; nil if none is.
    func idles(
        behind count: UInt32?, in plan: FaultPlan, at now: Instant
    ) -> (faults: [FaultPlan.DrawnFault], since: Instant)? {
        idleDue = nil
        guard let count, count > 0 else {
            idle = nil
            return nil
        }
        let since = idle.flatMap { $0.count == count ? $0.since : nil } ?? now
        idle = (since, count)
        var over: [FaultPlan.DrawnFault] = []
        for fault in lasting where plan.has(fault.toxic.name) {
            guard let limit = fault.toxic.fault.idleLimit ?? fault.toxic.fault.openTime
            else { continue }
            let due = since + limit
            if due <= now { over.append(fault) }
            idleDue = min(idleDue ?? due, due)
        }
        return over.isEmpty ? nil : (over, since)
    }

    // MARK: Time and changes

    /// When it gets in, or has idled too long.
    var deadline: Instant? { admission ?? idleDue }

    /// Forgets the toxics that are gone: who is kept out by none any more gets in.
    func keep(only names: Set<String>) {
        lasting.removeAll { !names.contains($0.toxic.name) }
        guard isKeptOut else { return }
        arrive(arrivals.filter { names.contains($0.toxic.name) })
        admission = admission ?? arrived
    }
}
