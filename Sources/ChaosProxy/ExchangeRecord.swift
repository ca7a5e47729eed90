public import EventLoop
public import Faults
public import HTTPWire

/// What happened in one exchange. The access log is made from it.
public struct ExchangeRecord {
    /// How the connection stood after the exchange.
    public enum Ending: String, Sendable {
        case keep, fin, rst
        case clientFin = "client-fin"
        case clientRST = "client-rst"
        case timeout
        case backendRefused = "backend-refused"
        case backendFin = "backend-fin"
        case backendRST = "backend-rst"
        /// The connection has become a plain tunnel (Upgrade, CONNECT).
        case upgraded
    }

    public let proxy: String
    /// Number of the connection at this proxy, and of the exchange on it, from 1.
    public let connection: UInt32
    public let exchange: UInt32
    public let client: SocketAddress?
    /// Method and request target as sent; empty if the request could not be understood, and where
    /// the connection is the exchange.
    public let method: String
    public let target: String
    /// nil if nothing was drawn, or if too many targets are known to count.
    public let attempt: UInt32?
    public let faults: [FaultPlan.DrawnFault]
    /// nil where the protocol has none, or if there was no answer.
    public let status: HTTPStatus?
    /// Body bytes of the response on `http`; on the other protocols all bytes to the client.
    public let bytes: Int
    /// From the complete request to the end of the response, in nanoseconds.
    public let duration: Nanoseconds
    /// Exchanges under way at this proxy when this one began, itself included.
    public let inFlight: Int
    public let ending: Ending

    /// The sum of the delays that were drawn, in nanoseconds.
    public var plannedDelay: Nanoseconds {
        faults.reduce(0) { sum, fault in
            if case .latency(let delay) = fault.effect { sum &+ delay } else { sum }
        }
    }
}
