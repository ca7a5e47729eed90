/// `timeout`: nothing gets through, and the connection is closed after a while, or never.
///
/// The time counts in total, from when the fault began to act. (Toxiproxy's begins anew with every
/// piece that comes, so that a talkative peer is never cut off.)
public struct Timeout: Stage {
    private var timeout: Nanoseconds
    private var began: Instant?
    private var isOver = false

    /// - Parameter timeout: 0 never closes.
    public init(_ timeout: Nanoseconds) {
        self.timeout = timeout
    }

    public var deadline: Instant? {
        timeout == 0 || isOver ? nil : began.map { $0 + timeout }
    }

    public var heldBytes: Int { 0 }

    public mutating func begin(at now: Instant) {
        if began == nil { began = now }
    }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
        begin(at: now)
        if case .cut = flow, !isOver { cut(flow, &actions) }
    }

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        guard let deadline, deadline <= now else { return }
        cut(.cut(.fin), &actions)
    }

    /// Bytes are missing, so the connection cannot go on.
    public mutating func release(at now: Instant, into actions: inout Actions) {
        if !isOver { cut(.cut(.fin), &actions) }
    }

    private mutating func cut(_ flow: Flow, _ actions: inout Actions) {
        isOver = true
        actions.forward(flow)
    }

    /// Another time, counted from when the fault began to act, but not over before now.
    mutating func update(_ timeout: Nanoseconds, at now: Instant, into actions: inout Actions) {
        self.timeout = timeout
        wake(at: now, into: &actions)
    }
}
