/// `slow_close`: the end leaves some time after it came; bytes are not touched.
public struct SlowClose: Stage {
    private var delay: Nanoseconds
    /// The end, and whatever comes after it.
    private var held = HeldFlows<Void>()
    /// When the end came.
    private var ended = Instant(nanoseconds: 0)

    public init(_ delay: Nanoseconds) {
        self.delay = delay
    }

    public var deadline: Instant? { held.isEmpty ? nil : ended + delay }

    public var heldBytes: Int { held.byteCount }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch flow {
        case .cut:
            held = HeldFlows()  // it ends the connection whether or not the end has left
            actions.forward(flow)
        case .end where held.isEmpty && delay > 0:
            ended = now
            held.append(flow, ())
        default:
            held.isEmpty ? actions.forward(flow) : held.append(flow, ())
        }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        guard let deadline, deadline <= now else { return }
        held.release(into: &actions)
    }

    public mutating func release(at now: Instant, into actions: inout Actions) {
        held.release(into: &actions)
    }

    /// Another delay, for an end that waits too: counted from when it came, but not before now.
    mutating func update(_ delay: Nanoseconds, at now: Instant, into actions: inout Actions) {
        self.delay = delay
        wake(at: now, into: &actions)
    }
}
