/// That a toxic was in force for one direction of an exchange, and what came of it.
struct Meeting {
    let toxic: Toxic
    /// Whether what left its stage differed from what came.
    var hasActed = false
    /// The longest delay that its stage has drawn; nil if the exchange has drawn it.
    var longestDelay: Nanoseconds?

    /// Another meeting with the same one.
    mutating func add(_ other: Meeting) {
        if other.hasActed { hasActed = true }
        if let longest = other.longestDelay { longestDelay = max(longestDelay ?? 0, longest) }
    }

    /// Tells it to the fault as it was drawn.
    func tell(_ faults: inout [FaultPlan.DrawnFault]) {
        for index in faults.indices where faults[index].toxic.isSame(as: toxic) {
            if hasActed { faults[index].hasActed = true }
            if let longestDelay { faults[index].raiseDelay(to: longestDelay) }
        }
    }
}

extension Toxic {
    /// Whether it is the same one, be it with other attributes.
    public func isSame(as other: Toxic) -> Bool {
        self == other
            || stream == other.stream && fault.type == other.fault.type && name == other.name
    }
}

extension FaultPlan.DrawnFault {
    /// On a connection each piece draws its delay, and the longest is told.
    mutating func raiseDelay(to longest: Nanoseconds) {
        switch effect {
        case .latency(let delay): effect = .latency(max(delay, longest))
        case .stage: effect = .latency(longest)
        case .respond, .answer, .script: break
        }
    }
}
