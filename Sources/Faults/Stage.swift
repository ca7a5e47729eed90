/// A fault at work on one direction of one exchange: bytes and the time go in, actions and the
/// next deadline come out. No clock, socket, timer or thread inside.
public protocol Stage {
    /// When it wants to be woken; nil if it waits for nothing.
    var deadline: Instant? { get }
    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions)
    /// Called at the deadline or later; `now` is what the stage is to take for the time.
    mutating func wake(at now: Instant, into actions: inout Actions)
}

/// The stages there are, as one value: no existential, no allocation of its own.
public enum FaultStage: Stage {
    case latency(Latency)

    /// - Returns: nil for an effect that does not act on bytes.
    init?(_ effect: Effect) {
        switch effect {
        case .latency(let delay): self = .latency(Latency(delay))
        case .respond: return nil
        }
    }

    public var deadline: Instant? {
        switch self {
        case .latency(let stage): stage.deadline
        }
    }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            self = .latency(Latency(0))  // so that the copy below is the only one
            stage.receive(flow, at: now, into: &actions)
            self = .latency(stage)
        }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        switch self {
        case .latency(var stage):
            self = .latency(Latency(0))
            stage.wake(at: now, into: &actions)
            self = .latency(stage)
        }
    }
}
