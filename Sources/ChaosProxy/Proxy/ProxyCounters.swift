public import Records

/// Totals of a proxy since the start or the last reset. Requests that came through another proxy
/// of ours are in the byte counters only: they are counted there.
public struct ProxyCounters: Sendable {
    /// Well-formed requests; connections where these are the exchanges.
    public var requests: UInt64 = 0
    /// Those that met a plan.
    public var drawn: UInt64 = 0
    /// Answers that a fault gave.
    public var injected: UInt64 = 0
    /// Malformed requests and those that took too long.
    public var malformed: UInt64 = 0
    /// Requests that were over a limit.
    public var refused: UInt64 = 0
    public var inFlight = 0
    /// Most requests under way at once.
    public var peak = 0
    public var connections = 0
    /// Most connections at once.
    public var peakConnections = 0

    /// What is made from the records.
    public var recorded = RecordTotals()

    /// Bytes that came from clients, and those of them that went on to the upstream.
    public var receivedUpstream: UInt64 = 0
    public var sentUpstream: UInt64 = 0
    /// Bytes that came from the upstream, and those of them that went on to clients.
    public var receivedDownstream: UInt64 = 0
    public var sentDownstream: UInt64 = 0

    public init() {}
}
