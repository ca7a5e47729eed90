/// `latency`: each flow leaves a fixed time after it came, in order.
///
/// As Toxiproxy's: pipelined flows do not add up, and the end is not delayed of its own but waits
/// for what is held before it. The jitter has been drawn with the exchange.
public struct Latency: Stage {
    private struct Held {
        let flow: Flow
        let due: Instant
    }

    private let delay: Nanoseconds
    /// Most exchanges hold one flow; only more of them cost an array.
    private var first: Held?
    private var later: [Held] = []

    public init(_ delay: Nanoseconds) {
        self.delay = delay
    }

    public var deadline: Instant? { first?.due }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch flow {
        case .bytes, .prepared: hold(flow, until: now + delay, &actions)
        case .end: hold(flow, until: now, &actions)
        }
    }

    private mutating func hold(_ flow: Flow, until due: Instant, _ actions: inout Actions) {
        guard let first else {
            // Nothing is before it: what has no delay passes at once.
            if case .end = flow { return actions.forward(flow) }
            if delay == 0 { return actions.forward(flow) }
            return self.first = Held(flow: flow, due: due)
        }
        let last = later.last?.due ?? first.due
        later.append(Held(flow: flow, due: max(due, last)))
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        while let held = first, held.due <= now {
            actions.forward(held.flow)
            first = later.isEmpty ? nil : later.removeFirst()
        }
    }
}
