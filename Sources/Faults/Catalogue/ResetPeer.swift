/// `reset_peer`: some time after the first bytes or the end, the connection is reset.
///
/// Nothing gets through from then on. An idle connection stays as it is.
public struct ResetPeer: Stage {
    private var timeout: Nanoseconds
    /// When the first bytes came.
    private var began: Instant?
    private var isOver = false

    public init(_ timeout: Nanoseconds) {
        self.timeout = timeout
    }

    public var deadline: Instant? { isOver ? nil : began.map { $0 + timeout } }

    public var heldBytes: Int { 0 }

    public mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions) {
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

    public mutating func wake(at now: Instant, into actions: inout Actions) {
        guard let deadline, deadline <= now else { return }
        reset(&actions)
    }

    /// Bytes are missing if it has begun, so the connection cannot go on.
    public mutating func release(at now: Instant, into actions: inout Actions) {
        if began != nil, !isOver { reset(&actions) }
    }

    private mutating func reset(_ actions: inout Actions) {
        isOver = true
        actions.forward(.cut(.rst))
    }

    /// Another time, counted from the first bytes, but not over before now.
    mutating func update(_ timeout: Nanoseconds, at now: Instant, into actions: inout Actions) {
        self.timeout = timeout
        wake(at: now, into: &actions)
    }
}
