/// The stages of one direction, in the order of the toxics.
public struct Pipeline {
    /// Most exchanges meet one stage at most; only more of them cost an array.
    private var first: FaultStage?
    private var others: [FaultStage] = []

    /// Before a site in the same process both streams make one pipeline, upstream's stages first:
    /// whether the request or its answer waits is all the same there.
    public init(_ drawn: [FaultPlan.DrawnFault]) {
        append(drawn, .upstream)
        append(drawn, .downstream)
    }

    /// - Parameter stream: only faults of this stream take part.
    public init(_ drawn: [FaultPlan.DrawnFault], stream: Toxic.Stream) {
        append(drawn, stream)
    }

    private mutating func append(_ drawn: [FaultPlan.DrawnFault], _ stream: Toxic.Stream) {
        for fault in drawn where fault.toxic.stream == stream {
            guard let stage = FaultStage(fault.effect) else { continue }
            if first == nil { first = stage } else { others.append(stage) }
        }
    }

    public var isEmpty: Bool { first == nil }

    /// When the earliest stage wants to be woken.
    public var deadline: Instant? { earliest()?.due }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        pass(flow, from: 0, at: now, into: &actions)
    }

    /// Runs every stage that is due, each at its own due time: a late timer never adds drift.
    public mutating func wake(at now: Instant, into actions: inout Actions) {
        while let (index, due) = earliest(), due <= now {
            var released = Actions()
            withStage(index) { $0.wake(at: due, into: &released) }
            for flow in released.forwarded {
                pass(flow, from: index + 1, at: due, into: &actions)
            }
        }
    }

    private func earliest() -> (index: Int, due: Instant)? {
        var best = first?.deadline.map { (index: 0, due: $0) }
        for (index, stage) in others.enumerated() {
            guard let due = stage.deadline else { continue }
            if best.map({ due < $0.due }) ?? true { best = (index + 1, due) }
        }
        return best
    }

    private mutating func pass(
        _ flow: Flow, from index: Int, at now: Instant, into actions: inout Actions
    ) {
        guard first != nil, index <= others.count else { return actions.forward(flow) }
        var released = Actions()
        withStage(index) { $0.receive(flow, at: now, into: &released) }
        for flow in released.forwarded { pass(flow, from: index + 1, at: now, into: &actions) }
    }

    private mutating func withStage(_ index: Int, _ body: (inout FaultStage) -> Void) {
        if index > 0 { return body(&others[index - 1]) }
        guard var stage = first else { return }
        first = nil  // so that the stage being changed is the only copy
        body(&stage)
        first = stage
    }
}
