/// Totals of a proxy since the start or the last reset.
public struct ProxyCounters: Sendable {
    /// Well-formed requests; connections where these are the exchanges.
    public var requests: UInt64 = 0
    /// Those that met a plan.
    public var drawn: UInt64 = 0
    /// Answers that a fault gave.
    public var injected: UInt64 = 0
    /// Malformed requests and those that took too long.
    public var refused: UInt64 = 0
    /// Responses that could not be delivered, without a fault that explains it.
    public var unplanned: UInt64 = 0
    public var inFlight = 0
    /// Most requests under way at once.
    public var peak = 0

    /// Bytes that came from clients, and those of them that went on to the upstream.
    public var receivedUpstream: UInt64 = 0
    public var sentUpstream: UInt64 = 0
    /// Bytes that came from the upstream, and those of them that went on to clients.
    public var receivedDownstream: UInt64 = 0
    public var sentDownstream: UInt64 = 0
}
