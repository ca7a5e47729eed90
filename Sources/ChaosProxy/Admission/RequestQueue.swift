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

    var count: Int { entries.count }

    func append(_ session: Session, since: Instant, until tick: UInt32) {
        session.standing.insert(.queued)
        entries.append(Entry(session: session, since: since, expires: tick))
    }

    /// Gives the next one its place.
    func grantNext() {
        guard let first = entries.first else { return }
        entries.removeFirst()
        granted += 1
        release(first, .granted)
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
    func take(_ session: Session) -> Instant? {
        if session.standing.contains(.granted) { granted -= 1 }
        if session.standing.isDisjoint(with: [.granted, .expired]) {
            entries.removeAll { $0.session === session }
        }
        session.standing.subtract([.queued, .granted, .expired])
        return released.removeValue(forKey: ObjectIdentifier(session))
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
