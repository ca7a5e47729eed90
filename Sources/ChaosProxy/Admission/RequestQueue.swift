import Faults

/// The sessions of a proxy whose next request waits for a place, in the order of their coming.
/// Loop thread only.
final class RequestQueue {
    private struct Entry {
        unowned(unsafe) let session: Session
        let since: Instant
        /// The tick at which it has waited long enough.
        let expires: UInt32
    }

    private var entries: [Entry] = []
    /// When those began to wait that may go on, and have not done so yet.
    private(set) var released: [ObjectIdentifier: Instant] = [:]
    /// Places that were given to sessions which have not taken them yet.
    private(set) var granted = 0
    /// The same of each client that is told apart.
    private var grants: [ObjectIdentifier: Int] = [:]

    /// How long all have waited, until they went on or away.
    private var time = FlightTime()

    var count: Int { entries.count }

    /// Request-nanoseconds since the start.
    func timeWaited(at now: Instant) -> Nanoseconds {
        time.total(inFlight: entries.count + released.count, at: now)
    }

    func append(_ session: Session, since: Instant, until tick: UInt32) {
        session.standing.insert(.queued)
        time.began(at: since)
        entries.append(Entry(session: session, since: since, expires: tick))
    }

    /// Gives the first one its place for which there is one.
    ///
    /// - Returns: false if there is none.
    func grant(where hasPlace: (Session) -> Bool) -> Bool {
        guard let index = entries.firstIndex(where: { hasPlace($0.session) }) else { return false }
        let entry = entries.remove(at: index)
        granted += 1
        note(1, of: entry.session)
        release(entry, .granted)
        return true
    }

    /// Places that sessions of a client were given, and have not taken yet.
    func granted(to client: ClientMeter) -> Int { grants[ObjectIdentifier(client)] ?? 0 }

    private func note(_ change: Int, of session: Session) {
        guard let meter = session.meter else { return }
        let count = granted(to: meter) + change
        grants[ObjectIdentifier(meter)] = count == 0 ? nil : count
    }

    private func release(_ entry: Entry, _ standing: Session.Standing) {
        entry.session.standing.insert(standing)
        released[ObjectIdentifier(entry.session)] = entry.since
        entry.session.admitted()
    }

    /// The session goes on, with the place that it was given or without one, or has gone.
    ///
    /// - Returns: since when it had waited.
    @discardableResult
    func take(_ session: Session, at now: Instant) -> Instant? {
        if session.standing.contains(.queued) { time.ended(at: now) }
        if session.standing.contains(.granted) {
            granted -= 1
            note(-1, of: session)
        }
        if session.standing.isDisjoint(with: [.granted, .expired]) {
            entries.removeAll { $0.session === session }
        }
        session.standing.subtract([.queued, .granted, .expired])
        return released.removeValue(forKey: ObjectIdentifier(session))
    }

    /// Those that wait, in the order of their coming.
    ///
    /// - Parameter body: returns false where it is to be stopped.
    func forEach(_ body: (Session, _ since: Instant) -> Bool) {
        for entry in entries where !body(entry.session, entry.since) { return }
    }

    /// When a session's request began to wait.
    func since(_ session: Session) -> Instant? {
        released[ObjectIdentifier(session)] ?? entries.first { $0.session === session }?.since
    }

    /// Tells one that it gets no place.
    func expire(_ session: Session) {
        guard let index = entries.firstIndex(where: { $0.session === session }) else { return }
        release(entries.remove(at: index), .expired)
    }

    /// Tells those that have waited too long.
    func expire(at tick: UInt32) {
        while let first = entries.first, tick >= first.expires {
            entries.removeFirst()
            release(first, .expired)
        }
    }
}
