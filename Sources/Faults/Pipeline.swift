/// The stages of one direction, in the order of the toxics.
public struct Pipeline {
    private var stages: [FaultStage]

    /// - Parameter stream: only faults of this stream take part.
    public init(_ drawn: [FaultPlan.DrawnFault], stream: Toxic.Stream) {
        stages = drawn.compactMap { $0.toxic.stream == stream ? FaultStage($0.effect) : nil }
    }

    public var isEmpty: Bool { stages.isEmpty }

    /// When the earliest stage wants to be woken.
    public var deadline: Instant? { stages.lazy.compactMap(\.deadline).min() }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        pass(flow, from: 0, at: now, into: &actions)
    }

    /// Runs every stage that is due, each at its own due time: a late timer never adds drift.
    public mutating func wake(at now: Instant, into actions: inout Actions) {
        while let (index, due) = earliest(), due <= now {
            var released = Actions()
            stages[index].wake(at: due, into: &released)
            for flow in released.forwarded {
                pass(flow, from: index + 1, at: due, into: &actions)
            }
        }
    }

    private func earliest() -> (Int, Instant)? {
        var best: (Int, Instant)?
        for (index, stage) in stages.enumerated() {
            guard let due = stage.deadline else { continue }
            if best.map({ due < $0.1 }) ?? true { best = (index, due) }
        }
        return best
    }

    private mutating func pass(
        _ flow: Flow, from index: Int, at now: Instant, into actions: inout Actions
    ) {
        guard index < stages.count else { return actions.forward(flow) }
        var released = Actions()
        stages[index].receive(flow, at: now, into: &released)
        for flow in released.forwarded { pass(flow, from: index + 1, at: now, into: &actions) }
    }
}
