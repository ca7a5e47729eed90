import Faults

/// What faults do to a connection beyond the exchange that drew them, on protocols where a request
/// is the exchange. Few sessions have any.
final class ConnectionFaults {
    /// How long our FIN to the client is held back (`slow_close` downstream), in nanoseconds.
    private(set) var closeDelay: Nanoseconds = 0
    /// How long the client's FIN is held back (`slow_close` upstream), in nanoseconds.
    private(set) var endDelay: Nanoseconds = 0
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
            case .downstream: closeDelay = max(closeDelay, delay)
            case .upstream: endDelay = max(endDelay, delay)
            }
        }
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
