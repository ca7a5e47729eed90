/// `latency`: each flow leaves some time after it came, in order.
///
/// As Toxiproxy's: flows that follow each other do not add up, and an end is not delayed of its
/// own but waits for what is held before it.
public struct Latency: CatalogueEntry {
    public let latency: Nanoseconds
    /// Evenly that much more or less.
    public let jitter: Nanoseconds

    public init(latency: Nanoseconds, jitter: Nanoseconds) {
        (self.latency, self.jitter) = (latency, jitter)
    }

    static let name = "latency"
    static let summary = "Bytes arrive later, in order; delays of bytes that follow overlap."
    static let note = FaultNote(.head, .accept, .medium)
    static let example = " latency=200ms jitter=50ms"
    static let attributes = [
        Attribute.milliseconds("latency", "how much later"),
        Attribute.milliseconds("jitter", "evenly that much more or less"),
    ]

    init(_ values: AttributeValues) {
        self.init(latency: values.time("latency"), jitter: values.time("jitter"))
    }

    var values: [(name: String, value: Quantity)] {
        [("latency", .number(Int64(latency))), ("jitter", .number(Int64(jitter)))]
    }

    var words: String {
        let (low, high) = (latency - min(latency, jitter), latency + jitter)
        return low == high
            ? Notation.readable(low)
            : "\(Notation.readable(low)) to \(Notation.readable(high))"
    }

    /// The delay of the exchange. On a connection jitter is drawn for each flow, as Toxiproxy draws
    /// it for each chunk.
    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect {
        jitter == 0 || !isConnection
            ? .latency(delay(&generator)) : .stage(seed: generator.next())
    }

    /// latency + uniform[-jitter, jitter], in whole nanoseconds and never below 0.
    func delay(_ generator: inout SeededGenerator) -> Nanoseconds {
        guard jitter > 0 else { return latency }
        let drawn = latency &+ generator.next(below: 2 * jitter + 1)
        return drawn > jitter ? drawn - jitter : 0
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        LatencyStage(latency, jitter: jitter, seed: seed)
    }
}

/// Flows that wait in order. The jitter of an exchange has been drawn with it; that of a connection
/// is drawn here for each flow.
struct LatencyStage: Stage {
    /// What few need: all flows but the first one held, and the jitter of a connection.
    private final class More {
        var flows = HeldFlows<Instant>()
        /// The longest delay of a flow.
        var longest: Nanoseconds?
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

    init(_ delay: Nanoseconds) {
        self.delay = delay
    }

    /// - Parameters:
    ///   - jitter: evenly that much more or less for each flow.
    ///   - seed: what it is drawn from.
    init(_ latency: Nanoseconds, jitter: Nanoseconds, seed: UInt64) {
        delay = latency
        guard jitter > 0 else { return }
        let more = More()
        (more.jitter, more.generator) = (jitter, SeededGenerator(seed: seed))
        more.longest = 0
        self.more = more
    }

    var deadline: Instant? { first?.due }
    var isHolding: Bool { first != nil }
    var longestDelay: Nanoseconds? { more?.longest }

    var heldBytes: Int {
        guard let first else { return 0 }
        let overhead = HeldFlows<Instant>.overhead * (mark == .none ? 1 : 2)
        return first.flow.count + overhead + (more?.flows.byteCount ?? 0)
    }

    /// As much as Toxiproxy's 1024 chunks: what a fast stream holds while it waits.
    var capacity: Int { 32 * 1024 * 1024 }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
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
        guard let more, let longest = more.longest else { return delay }
        let drawn = Latency(latency: delay, jitter: more.jitter).delay(&more.generator)
        more.longest = max(longest, drawn)
        return drawn
    }

    /// Another delay for what comes from now on; what is held keeps its time.
    mutating func update(
        _ entry: Latency, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        switch effect {
        case .latency(let delay): update(delay, jitter: 0, seed: 0)
        case .stage(let seed): update(entry.latency, jitter: entry.jitter, seed: seed)
        case .respond, .script: break
        }
    }

    private mutating func update(_ latency: Nanoseconds, jitter: Nanoseconds, seed: UInt64) {
        let more = self.more ?? More()
        if more.longest == nil { more.longest = delay }
        if more.jitter == 0 { more.generator = SeededGenerator(seed: seed) }
        (delay, more.jitter) = (latency, jitter)
        self.more = more
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        while let held = first, held.due <= now {
            sendFirst(&actions)
            first = more?.flows.removeFirst().map { (flow: $0.flow, due: $0.mark) }
        }
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
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
