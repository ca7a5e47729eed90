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
    /// Of all that are or were under way, since the start: a reset leaves it, as it does them.
    var flightTime = FlightTime()
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

    /// Takes in what was counted elsewhere, or before: the counts are added, of peaks the higher
    /// one stays.
    public mutating func add(_ other: ProxyCounters) {
        requests += other.requests
        drawn += other.drawn
        injected += other.injected
        malformed += other.malformed
        refused += other.refused
        inFlight += other.inFlight
        flightTime.add(other.flightTime)
        connections += other.connections
        notePeaks(of: other)
        recorded.add(other.recorded)
        receivedUpstream &+= other.receivedUpstream
        sentUpstream &+= other.sentUpstream
        receivedDownstream &+= other.receivedDownstream
        sentDownstream &+= other.sentDownstream
    }

    mutating func notePeaks(of other: ProxyCounters) {
        peak = max(peak, other.peak)
        peakConnections = max(peakConnections, other.peakConnections)
    }

    /// Starts again with what is under way, which counts where it ends.
    ///
    /// - Returns: what was counted before.
    mutating func restart() -> ProxyCounters {
        var before = self
        self = ProxyCounters()
        (inFlight, connections) = (before.inFlight, before.connections)
        flightTime = before.flightTime
        (peak, peakConnections) = (inFlight, connections)
        requests = min(UInt64(max(inFlight, 0)), before.requests)
        before.requests -= requests
        (before.inFlight, before.connections) = (0, 0)
        before.flightTime = FlightTime()
        return before
    }
}
