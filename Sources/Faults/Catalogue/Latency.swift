/// `latency`: each flow leaves some time after it came, in order.
///
/// As Toxiproxy's: flows that follow each other do not add up, and an end is not delayed of its
/// own but waits for what is held before it.
public struct Latency: CatalogueEntry {
    public let latency: Nanoseconds
    /// How far the delays are spread, as the distribution says.
    public let jitter: Nanoseconds
    private let more: More?

    /// What few have, so that the others stay small.
    private final class More: Sendable {
        let distribution: DelayDistribution
        let perInFlight: Nanoseconds
        /// So much more for what is under way.
        let added: Nanoseconds

        init(_ distribution: DelayDistribution, _ perInFlight: Nanoseconds, added: Nanoseconds) {
            (self.distribution, self.perInFlight) = (distribution, perInFlight)
            self.added = added
        }
    }

    public init(latency: Nanoseconds, jitter: Nanoseconds) {
        self.init(latency: latency, jitter: jitter, .uniform)
    }

    /// - Parameter perInFlight: so much more for each exchange under way at the proxy when one
    ///   begins, itself among them; in nanoseconds, at most 10^18.
    init(
        latency: Nanoseconds, jitter: Nanoseconds, _ distribution: DelayDistribution,
        perInFlight: Nanoseconds = 0, added: Nanoseconds = 0
    ) {
        (self.latency, self.jitter) = (latency, jitter)
        let isPlain = distribution == .uniform && perInFlight == 0
        more = isPlain ? nil : More(distribution, perInFlight, added: added)
    }

    public var distribution: DelayDistribution { more?.distribution ?? .uniform }
    public var perInFlight: Nanoseconds { more?.perInFlight ?? 0 }

    public static func == (left: Latency, right: Latency) -> Bool {
        left.latency == right.latency && left.jitter == right.jitter
            && left.distribution == right.distribution && left.perInFlight == right.perInFlight
            && left.more?.added == right.more?.added
    }

    static let name = "latency"
    static let takesMessages = true
    static let summary = "Bytes arrive later, in order; delays of bytes that follow overlap."
    static let note = FaultNote(.head, .accept, .medium)
    static let example = " latency=200ms jitter=50ms"
    static let attributes = [
        Attribute.milliseconds("latency", "how much later"),
        Attribute.milliseconds("jitter", "evenly that much more or less"),
        Attribute(
            "distribution", "how they spread; but for uniform jitter is the standard deviation",
            default: DelayDistribution.uniform.rawValue,
            choices: DelayDistribution.allCases.map(\.rawValue), isShownWhenSet: true),
        Attribute.milliseconds(
            "per_in_flight", "so much more for each exchange in flight when it begins, itself too",
            isShownWhenSet: true),
    ]

    init(_ values: AttributeValues) throws(FaultError) {
        let word = values.word("distribution")
        self.init(
            latency: values.time("latency"), jitter: values.time("jitter"),
            DelayDistribution(rawValue: word) ?? .uniform,
            perInFlight: values.time("per_in_flight"))
        guard latency > 0 || jitter == 0 || !distribution.needsMean else {
            throw FaultError(
                "distribution \(word) spreads the delays around latency, which is 0. Give it too.")
        }
    }

    var values: [(name: String, value: Quantity)] {
        [
            ("latency", .number(Int64(latency))), ("jitter", .number(Int64(jitter))),
            ("distribution", .word(distribution.rawValue)),
            ("per_in_flight", .number(Int64(perInFlight))),
        ]
    }

    var words: String {
        perInFlight == 0
            ? spread : "\(spread) + \(Notation.readable(perInFlight)) per exchange in flight"
    }

    private var spread: String {
        guard distribution == .uniform || jitter == 0 else {
            return "\(distribution.rawValue) \(Notation.readable(latency)) ± "
                + Notation.readable(jitter)
        }
        let (low, high) = (latency - min(latency, jitter), latency + jitter)
        return low == high
            ? Notation.readable(low)
            : "\(Notation.readable(low)) to \(Notation.readable(high))"
    }

    func under(load: UInt32) -> Latency {
        guard perInFlight > 0 else { return self }
        return Latency(
            latency: latency, jitter: jitter, distribution, perInFlight: perInFlight,
            added: delay(0, under: load))
    }

    /// A delay with what is added for the load.
    func delay(_ delay: Nanoseconds, under load: UInt32) -> Nanoseconds {
        let longest = DelayDistribution.longest
        let (product, overflow) = perInFlight.multipliedReportingOverflow(by: UInt64(load))
        return overflow ? longest : min(delay + min(product, longest), longest)
    }

    /// The delay of the exchange. On a connection jitter is drawn for each flow, as Toxiproxy draws
    /// it for each chunk.
    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect {
        jitter == 0 || !isConnection
            ? .latency(delay(&generator)) : .stage(seed: generator.next())
    }

    /// One that is drawn, in whole nanoseconds, never below 0 or above the longest.
    func delay(_ generator: inout SeededGenerator) -> Nanoseconds {
        let drawn =
            jitter == 0 ? latency : distribution.delay(latency, spread: jitter, &generator)
        return min(drawn + (more?.added ?? 0), DelayDistribution.longest)
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        LatencyStage(self, seed: seed)
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
        /// What each flow draws its delay of.
        var latency = Latency(latency: 0, jitter: 0)
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
    ///   - latency: what each flow draws its delay of.
    ///   - seed: what it is drawn from.
    init(_ latency: Latency, seed: UInt64) {
        delay = latency.latency
        guard latency.jitter > 0 else { return }
        let more = More()
        (more.latency, more.generator) = (latency, SeededGenerator(seed: seed))
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
        let drawn = more.latency.delay(&more.generator)
        more.longest = max(longest, drawn)
        return drawn
    }

    /// Another delay for what comes from now on; what is held keeps its time.
    mutating func update(
        _ entry: Latency, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        switch effect {
        case .latency(let delay): update(Latency(latency: delay, jitter: 0), seed: 0)
        case .stage(let seed): update(entry, seed: seed)
        case .respond, .answer, .script: break
        }
    }

    private mutating func update(_ latency: Latency, seed: UInt64) {
        let more = self.more ?? More()
        if more.longest == nil { more.longest = delay }
        if more.latency.jitter == 0 { more.generator = SeededGenerator(seed: seed) }
        (delay, more.latency) = (latency.latency, latency)
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
