/// `timeout`: nothing gets through, and the connection is closed after a while, or never.
///
/// The time counts in total, from when the fault began to act. (Toxiproxy's begins anew with every
/// piece that comes, so that a talkative peer is never cut off.)
public struct Timeout: CatalogueEntry {
    /// 0 never closes.
    public let timeout: Nanoseconds

    public init(timeout: Nanoseconds) {
        self.timeout = timeout
    }

    static let name = "timeout"
    static let summary =
        "Nothing gets through; the connection is closed after a while, or never."
    static let note = FaultNote(
        .head, .end, .high,
        links: ["encode/httpx#1461", "encode/httpcore#1093"])
    static let example = " timeout=5s"
    static let attributes = [
        Attribute.milliseconds("timeout", "until it is closed; 0 is never")
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(timeout: values.time("timeout"))
    }

    var values: [(name: String, value: Quantity)] { [("timeout", .number(Int64(timeout)))] }

    var words: String {
        timeout == 0 ? "silence" : "silence, cut after \(Notation.readable(timeout))"
    }

    func stage(seed: UInt64, credit: () -> BandwidthCredit) -> (any Stage)? {
        TimeoutStage(timeout)
    }
}

/// The wait for the end of a silence.
struct TimeoutStage: Stage {
    private var timeout: Nanoseconds
    private var began: Instant?
    private var isOver = false
    private var hasSwallowed = false

    /// - Parameter timeout: 0 never closes.
    init(_ timeout: Nanoseconds) {
        self.timeout = timeout
    }

    var deadline: Instant? {
        timeout == 0 || isOver ? nil : began.map { $0 + timeout }
    }

    var isStuck: Bool { timeout == 0 && !isOver }
    var isHolding: Bool { hasSwallowed && !isOver }

    mutating func begin(at now: Instant) {
        if began == nil { began = now }
    }

    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        begin(at: now)
        hasSwallowed = true
        if case .cut = flow, !isOver { cut(flow, &actions) }
    }

    mutating func wake(at now: Instant, into actions: inout Actions) {
        guard let deadline, deadline <= now else { return }
        cut(.cut(.fin), &actions)
    }

    /// Bytes are missing, so the connection cannot go on.
    mutating func release(at now: Instant, into actions: inout Actions) {
        if !isOver { cut(.cut(.fin), &actions) }
    }

    private mutating func cut(_ flow: Flow, _ actions: inout Actions) {
        isOver = true
        actions.forward(flow)
    }

    /// Another time, counted from when the fault began to act, but not over before now.
    mutating func update(
        _ entry: Timeout, _ effect: Effect, at now: Instant, into actions: inout Actions
    ) {
        timeout = entry.timeout
        wake(at: now, into: &actions)
    }
}
