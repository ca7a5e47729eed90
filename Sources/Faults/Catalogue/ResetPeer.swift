/// `reset_peer`: some time after the first bytes or the end, the connection is reset.
///
/// Nothing gets through from then on. An idle connection stays as it is.
public struct ResetPeer: CatalogueEntry {
    public let timeout: Nanoseconds

    public init(timeout: Nanoseconds) {
        self.timeout = timeout
    }

    static let name = "reset_peer"
    static let summary = "The connection is reset (RST), some time after the first bytes."
    static let note = FaultNote(.connection)
    static let example = " timeout=500ms toxicity=0.1"
    static let attributes = [
        Attribute.milliseconds("timeout", "from the first bytes to the reset")
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(timeout: values.time("timeout"))
    }

    var values: [(name: String, value: Quantity)] { [("timeout", .number(Int64(timeout)))] }
    var words: String { timeout == 0 ? "RST" : "RST after \(Notation.readable(timeout))" }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        ResetPeerStage(timeout)
    }
}

/// The wait for the reset.
struct ResetPeerStage: Stage {
    private var timeout: Nanoseconds
    /// When the first bytes came.
    private var began: Instant?
    private var isOver = false

    init(_ timeout: Nanoseconds) {
        self.timeout = timeout
    }

    var deadline: Instant? { isOver ? nil : began.map { $0 + timeout } }

    var isHolding: Bool { began != nil && !isOver }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        guard began == nil, !isOver else { return }
        switch flow {
        case .boundary:
            actions.forward(flow)
        case .cut:
            isOver = true
            actions.forward(flow)
        case .bytes(let bytes) where bytes.count == 0:
            break
        case .bytes, .prepared, .end:
            began = now
            wake(at: now, into: &actions)
        }
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        guard let deadline, deadline <= now else { return }
        reset(&actions)
    }

    /// Bytes are missing if it has begun, so the connection cannot go on.
    mutating func release(at now: Instant, into actions: inout Actions) {
        if began != nil, !isOver { reset(&actions) }
    }

    private mutating func reset(_ actions: inout Actions) {
        isOver = true
        actions.forward(.cut(.rst))
    }

    /// Another time, counted from the first bytes, but not over before now.
    mutating func update(
        _ entry: ResetPeer, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        timeout = entry.timeout
        wake(at: now, into: &actions)
    }
}
