public import Faults

/// What all proxies of a process are told by the outside: the time, and who wants to hear.
/// Loop thread only.
public final class ProxyEnvironment {
    /// Monotonic time, read at each call.
    public let now: () -> Instant
    /// Whole seconds since 1970, for Date; set once a second.
    public var date: Int64
    /// Whole seconds since the start, for time limits; set once a second.
    public var tick: UInt32 = 0
    /// Gets the record of every exchange; nil if nobody wants them.
    public var onRecord: ((ExchangeRecord) -> Void)?
    /// Gets what an operator should know, one sentence each.
    public var onWarning: (String) -> Void = { _ in }
    private var lastTrouble: UInt32?

    public init(date: Int64, now: @escaping () -> Instant) {
        (self.date, self.now) = (date, now)
    }

    /// A warning that may come again and again, from every listener: told once a second at most.
    func warnOfTrouble(_ text: String) {
        guard lastTrouble != tick else { return }
        lastTrouble = tick
        onWarning(text)
    }
}

/// How long a client may take, in seconds.
public struct TimeLimits: Sendable {
    /// A connection without a request under way.
    public var idle: UInt32 = 75
    /// A head, from its first byte to its last.
    public var head: UInt32 = 20
    /// A request body, from its first byte to its last.
    public var body: UInt32 = 30
    /// A response of which the client takes nothing.
    public var stalledSend: UInt32 = 20

    public init() {}
}
