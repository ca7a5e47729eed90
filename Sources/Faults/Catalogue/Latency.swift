/// `latency`: each flow leaves some time after it came, in order.
///
/// As Toxiproxy's: flows that follow each other do not add up, and an end is not delayed of its
/// own but waits for what is held before it. The jitter of an exchange has been drawn with it;
/// that of a connection is drawn here for each flow.
public struct Latency: Stage {
    /// What few need: all flows but the first one held, and the jitter of a connection.
    private final class More {
        var flows = HeldFlows<Instant>()
        var jitter: Nanoseconds = 0
        var generator = SeededGenerator(seed: 0)
    }

    private var delay: Nanoseconds
    /// Most exchanges hold one flow; only more of them cost an allocation.
    private var first: (flow: Flow, due: Instant)?
    private var more: More?
    /// What stands directly behind the first flow: nearly always that its message ends.
    private var mark = Mark.none

    private enum Mark { case none, boundary, end }

    public init(_ delay: Nanoseconds) {
        self.delay = delay
    }

    /// - Parameters:
    ///   - jitter: evenly that much more or less for each flow.
    ///   - seed: what it is drawn from.
    public init(_ latency: Nanoseconds, jitter: Nanoseconds, seed: UInt64) {
        delay = latency
        guard jitter > 0 else { return }
        let more = More()
        (more.jitter, more.generator) = (jitter, SeededGenerator(seed: seed))
        self.more = more
    }

    public var deadline: Instant? { first?.due }

    public var heldBytes: Int {
        guard let first else { return 0 }
        let overhead = HeldFlows<Instant>.overhead * (mark == .none ? 1 : 2)
        return first.flow.count + overhead + (more?.flows.byteCount ?? 0)
    }

    /// As much as Toxiproxy's 1024 chunks: what a fast stream holds while it waits.
    public var capacity: Int { 32 * 1024 * 1024 }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        let due =
            switch flow {
            case .bytes, .prepared: now + nextDelay()
            case .boundary, .end, .cut: now
            }
        guard let first else {
            // Nothing is before it: what has no delay passes at once.
            if due == now { return actions.forward(flow) }
            return self.first = (flow, due)
        }
        if mark == .none, more?.flows.isEmpty ?? true, let mark = Self.mark(flow) {
            return self.mark = mark
        }
        let last = more?.flows.last?.mark ?? first.due
        let more = self.more ?? More()
        self.more = more
        more.flows.append(flow, max(due, last))
    }

    private static func mark(_ flow: Flow) -> Mark? {
        switch flow {
        case .boundary: .boundary
        case .end: .end
        case .bytes, .prepared, .cut: nil
        }
    }

    private func nextDelay() -> Nanoseconds {
        guard let more, more.jitter > 0 else { return delay }
        return Fault.delay(delay, more.jitter, &more.generator)
    }

    /// Another delay for what comes from now on; what is held keeps its time.
    mutating func update(_ latency: Nanoseconds, jitter: Nanoseconds, seed: UInt64) {
        delay = latency
        guard jitter > 0 || more != nil else { return }
        let more = self.more ?? More()
        if more.jitter == 0 { more.generator = SeededGenerator(seed: seed) }
        more.jitter = jitter
        self.more = more
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        while let held = first, held.due <= now {
            sendFirst(&actions)
            first = more?.flows.removeFirst().map { (flow: $0.flow, due: $0.mark) }
        }
    }

    public mutating func release(at now: Instant, into actions: inout Actions) {
        sendFirst(&actions)
        more?.flows.release(into: &actions)
        first = nil
    }

    private mutating func sendFirst(_ actions: inout Actions) {
        guard let first else { return }
        actions.forward(first.flow)
        switch mark {
        case .none: break
        case .boundary: actions.forward(.boundary)
        case .end: actions.forward(.end)
        }
        mark = .none
    }
}
