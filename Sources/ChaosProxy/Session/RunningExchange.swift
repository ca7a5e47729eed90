public import EventLoop
public import Faults
import Records

/// An exchange under way, as it is told before it has its record: one that counts as in flight, or
/// a request that waits for its place.
public struct RunningExchange: Equatable, Sendable {
    /// Longest method or target, in Unicode scalars; a longer one ends with an ellipsis in it.
    public static let maximumText = 300

    public let proxy: String
    /// Number of the connection at this proxy, and of the exchange on it, from 1: those of its
    /// record.
    public let connection: UInt32
    public let exchange: UInt32
    public let client: SocketAddress?
    /// Empty where the connection is the exchange.
    public let method: String
    public let target: String
    /// nil if nothing was drawn, or if too many targets are known to count.
    public let attempt: UInt32?
    /// When its request began to wait for its place, or had come.
    public let start: Instant
    /// Whether it still waits for its place.
    public let isWaiting: Bool
    /// Of the faults that it met so far, in that order.
    public let faults: [FaultType]

    /// - Parameters:
    ///   - connection: its number at the proxy.
    ///   - client: nil if too many addresses are known.
    init(
        _ facts: ExchangeFacts, proxy: String, connection: UInt32, client: SocketAddress?,
        isWaiting: Bool
    ) {
        (self.proxy, self.client) = (proxy, client)
        (self.connection, exchange) = (connection, facts.number)
        (method, target) = (Self.shortened(facts.method), Self.shortened(facts.target))
        attempt = facts.attempt == 0 ? nil : facts.attempt
        (start, self.isWaiting) = (facts.start, isWaiting)
        faults = facts.faults.map(\.toxic.fault.type)
    }

    /// By scalars, not by characters: one of these may be as long as the target.
    private static func shortened(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard !scalars.dropFirst(maximumText).isEmpty else { return text }
        return String(scalars.prefix(maximumText - 1)) + "…"
    }
}
