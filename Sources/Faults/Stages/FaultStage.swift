/// A stage as it lies in a pipeline.
///
/// `latency`, which thousands of waiting connections have, lies in place; every other one behind a
/// reference. So a stage has one owner: a copy would share what it holds.
enum FaultStage {
    /// Keeps the enum small.
    final class Box {
        var content: any Stage

        init(_ content: any Stage) {
            self.content = content
        }
    }

    case latency(LatencyStage)
    case boxed(Box)

    /// - Returns: nil for a fault that does not act on bytes.
    init?(_ drawn: FaultPlan.DrawnFault, credits: BandwidthCredits?) {
        switch drawn.effect {
        case .latency(let delay): self = .latency(LatencyStage(delay))
        case .respond, .answer, .script: return nil
        case .stage(let seed):
            let stage = drawn.entry.stage(seed: seed) {
                credits?.credit(of: drawn.toxic) ?? BandwidthCredit()
            }
            guard let stage else { return nil }
            // That of a connection, with a delay for each piece.
            self = (stage as? LatencyStage).map(Self.latency) ?? .boxed(Box(stage))
        }
    }

    var deadline: Instant? {
        switch self {
        case .latency(let stage): stage.deadline
        case .boxed(let box): box.content.deadline
        }
    }

    var wakeTime: Instant? {
        switch self {
        case .latency(let stage): stage.wakeTime
        case .boxed(let box): box.content.wakeTime
        }
    }

    var heldBytes: Int {
        switch self {
        case .latency(let stage): stage.heldBytes
        case .boxed(let box): box.content.heldBytes
        }
    }

    var capacity: Int {
        switch self {
        case .latency(let stage): stage.capacity
        case .boxed(let box): box.content.capacity
        }
    }

    /// Whether it lets nothing through and will not end that by itself.
    var isStuck: Bool {
        switch self {
        case .latency: false
        case .boxed(let box): box.content.isStuck
        }
    }

    var isHolding: Bool {
        switch self {
        case .latency(let stage): stage.isHolding
        case .boxed(let box): box.content.isHolding
        }
    }

    var lacksBytes: Bool {
        switch self {
        case .latency: false
        case .boxed(let box): box.content.lacksBytes
        }
    }

    var longestDelay: Nanoseconds? {
        switch self {
        case .latency(let stage): stage.longestDelay
        case .boxed(let box): box.content.longestDelay
        }
    }

    /// Whether it is given bytes only: any that cuts, slices or counts.
    var needsBytes: Bool {
        switch self {
        case .latency: false
        case .boxed: true
        }
    }

    mutating func begin(at now: Instant) {
        switch self {
        case .latency: break
        case .boxed(let box): box.content.begin(at: now)
        }
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            self = .latency(LatencyStage(0))  // so that the copy below is the only one
            stage.receive(flow, at: now, into: &actions)
            self = .latency(stage)
        case .boxed(let box): box.content.receive(flow, at: now, into: &actions)
        }
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            self = .latency(LatencyStage(0))
            stage.wake(at: now, into: &actions)
            self = .latency(stage)
        case .boxed(let box): box.content.wake(at: now, into: &actions)
        }
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            stage.release(at: now, into: &actions)
            self = .latency(LatencyStage(0))
        case .boxed(let box): box.content.release(at: now, into: &actions)
        }
    }

    /// The toxic has other attributes from now on.
    ///
    /// - Parameters:
    ///   - drawn: of the fault type that this stage has.
    ///   - credits: as it was made with.
    mutating func update(
        _ drawn: FaultPlan.DrawnFault, credits: BandwidthCredits?, at now: Instant,
        into actions: inout Actions
    ) {
        switch self {
        case .latency(var stage):
            self = .latency(LatencyStage(0))
            stage.take(drawn.entry, drawn.effect, at: now, into: &actions)
            self = .latency(stage)
        case .boxed(let box):
            box.content.take(drawn.entry, drawn.effect, at: now, into: &actions) {
                credits?.credit(of: drawn.toxic) ?? BandwidthCredit()
            }
        }
    }
}
