import Faults

/// What faults do to a connection beyond the exchange that drew them, on protocols where a request
/// is the exchange. Few sessions have any.
final class ConnectionFaults {
    /// How long our FIN to the client is held back (`slow_close` downstream), in nanoseconds.
    var closeDelay: Nanoseconds { closeDelays.values.max() ?? 0 }
    /// How long the client's FIN is held back (`slow_close` upstream), in nanoseconds.
    var endDelay: Nanoseconds { endDelays.values.max() ?? 0 }
    /// By the names of the toxics.
    private var closeDelays: [String: Nanoseconds] = [:]
    private var endDelays: [String: Nanoseconds] = [:]
    /// What `bandwidth` shares between exchanges, which follow each other on one wire.
    let upstreamCredits = BandwidthCredits()
    let downstreamCredits = BandwidthCredits()

    /// Whether one of `faults` reaches beyond its exchange.
    static func concern(_ faults: [FaultPlan.DrawnFault]) -> Bool {
        faults.contains { fault in
            switch fault.toxic.fault {
            case .slowClose, .bandwidth: true
            default: false
            }
        }
    }

    func note(_ faults: [FaultPlan.DrawnFault]) {
        for fault in faults {
            guard case .slowClose(let delay) = fault.toxic.fault else { continue }
            switch fault.toxic.stream {
            case .downstream: closeDelays[fault.toxic.name] = delay
            case .upstream: endDelays[fault.toxic.name] = delay
            }
        }
    }

    /// Forgets the toxics that are gone.
    func keep(only names: Set<String>) {
        closeDelays = closeDelays.filter { names.contains($0.key) }
        endDelays = endDelays.filter { names.contains($0.key) }
    }
}

extension [FaultPlan.DrawnFault] {
    /// Whether one of them changes bytes, so that the exchange may not end well.
    var hurt: Bool {
        contains { fault in
            if case .stage = fault.effect { fault.toxic.fault.type != .noop } else { false }
        }
    }
}
