import Faults

/// What faults do to a connection beyond the exchange that drew them, on protocols where a request
/// is the exchange. Few sessions have any.
final class ConnectionFaults {
    /// Our FIN to the client (`slow_close` downstream).
    var toClient = HeldEnd()
    /// The client's FIN to the backend (`slow_close` upstream).
    var toBackend = HeldEnd()
    /// What `bandwidth` shares between exchanges, which follow each other on one wire.
    let bandwidth: SharedBandwidth

    /// - Parameter bandwidth: what its proxy's connections share.
    init(of bandwidth: SharedBandwidth) {
        self.bandwidth = SharedBandwidth(of: bandwidth)
    }

    /// A FIN that `slow_close` holds back.
    struct HeldEnd {
        /// In nanoseconds, by the keys of the toxics.
        fileprivate var delays: [String: (toxic: Toxic, delay: Nanoseconds)] = [:]
        /// When it may go, once it is held back.
        private(set) var due: Instant?
        /// Since when it is held back.
        private(set) var since: Instant?

        /// How long it is held back, in nanoseconds.
        var delay: Nanoseconds { delays.values.map(\.delay).max() ?? 0 }

        /// Whether it has to wait; from the first time that this is asked on.
        mutating func isHeld(at now: Instant) -> Bool { isHeld(for: delay, at: now) }

        /// - Parameter delay: how long, in nanoseconds.
        mutating func isHeld(for delay: Nanoseconds, at now: Instant) -> Bool {
            guard delay > 0 else { return false }
            let due = due ?? now + delay
            if since == nil { since = now }
            self.due = due
            return now < due
        }
    }

    /// Whether one of `faults` reaches beyond its exchange.
    static func concern(_ faults: [FaultPlan.DrawnFault]) -> Bool {
        faults.contains { $0.toxic.fault.concernsConnection }
    }

    func note(_ faults: [FaultPlan.DrawnFault]) {
        for fault in faults {
            guard let delay = fault.toxic.fault.endDelay else { continue }
            switch fault.toxic.stream {
            case .downstream: toClient.delays[fault.toxic.key] = (fault.toxic, delay)
            case .upstream: toBackend.delays[fault.toxic.key] = (fault.toxic, delay)
            }
        }
    }

    /// Forgets the toxics that are gone.
    func keep(only names: Set<String>) {
        toClient.delays = toClient.delays.filter { $0.value.toxic.remains(among: names) }
        toBackend.delays = toBackend.delays.filter { $0.value.toxic.remains(among: names) }
    }

    /// When the next FIN that is held back may go; one that could go already is not waited for.
    func deadline(after now: Instant) -> Instant? {
        [toBackend.due, toClient.due].compactMap(\.self).filter { $0 > now }.min()
    }
}
