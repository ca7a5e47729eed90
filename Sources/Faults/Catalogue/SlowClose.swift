/// `slow_close`: the end leaves some time after it came, also the one that another fault brings;
/// bytes are not touched, and a reset is not late.
public struct SlowClose: CatalogueEntry {
    public let delay: Nanoseconds

    public init(delay: Nanoseconds) {
        self.delay = delay
    }

    static let name = "slow_close"
    static let summary = "The end of the connection (FIN) arrives later."
    static let note = FaultNote(.connection)
    static let example = " delay=2s"
    static let attributes = [Attribute.milliseconds("delay", "how much later")]
    static let concernsConnection = true

    init(_ values: AttributeValues) {
        self.init(delay: values.time("delay"))
    }

    var values: [(name: String, value: Quantity)] { [("delay", .number(Int64(delay)))] }
    var words: String { "FIN \(Notation.readable(delay)) late" }
    var endDelay: Nanoseconds? { delay }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        SlowCloseStage(delay)
    }
}

/// An end that waits.
struct SlowCloseStage: Stage {
    private var delay: Nanoseconds
    /// The end, and whatever comes after it.
    private var held = HeldFlows<Void>()
    /// When the end came.
    private var ended = Instant(nanoseconds: 0)

    init(_ delay: Nanoseconds) {
        self.delay = delay
    }

    var deadline: Instant? { held.isEmpty ? nil : ended + delay }

    var heldBytes: Int { held.byteCount }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        switch flow {
        case .cut(.rst):
            held = HeldFlows()  // it ends the connection whether or not the end has left
            actions.forward(flow)
        case .end where held.isEmpty && delay > 0, .cut(.fin) where held.isEmpty && delay > 0:
            ended = now
            held.append(flow, ())
        case .bytes, .prepared, .boundary, .end, .cut(.fin):
            held.isEmpty ? actions.forward(flow) : held.append(flow, ())
        }
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        guard let deadline, deadline <= now else { return }
        held.release(into: &actions)
    }

    mutating func release(at now: Instant, into actions: inout Actions) {
        held.release(into: &actions)
    }

    /// Another delay, for an end that waits too: counted from when it came, but not before now.
    mutating func update(
        _ entry: SlowClose, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        delay = entry.delay
        wake(at: now, into: &actions)
    }
}
