public import HTTPWire

/// What a drawn fault does to one exchange.
public enum Effect: Equatable, Sendable {
    /// The delay of the exchange, or of every flow of a connection.
    case latency(Nanoseconds)
    case respond(HTTPStatus, retryAfter: Nanoseconds?)
    /// Another answer of the protocol, as the fault says.
    case answer
    /// A script at work, and the seed of what it draws.
    case script(seed: UInt64)
    /// Every other fault: a stage, and the seed of what it draws while bytes pass.
    case stage(seed: UInt64)
}
