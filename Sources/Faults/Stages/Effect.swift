public import HTTPWire

/// What a drawn fault does to one exchange.
public enum Effect: Equatable, Sendable {
    /// The delay of the exchange, or of every flow of a connection.
    case latency(Nanoseconds)
    case respond(HTTPStatus, retryAfter: Nanoseconds?)
    /// Every other fault: a stage, and the seed of what it draws while bytes pass.
    case stage(seed: UInt64)
}

extension Fault {
    /// What this fault does to one exchange, from that exchange's own numbers.
    ///
    /// - Parameter isConnection: jitter is drawn for each flow, as Toxiproxy draws it for each
    ///   chunk; else once for the exchange.
    func effect(_ generator: inout SeededGenerator, isConnection: Bool = false) -> Effect {
        switch self {
        case .latency(let latency, let jitter) where jitter == 0 || !isConnection:
            .latency(Self.delay(latency, jitter, &generator))
        case .respond(let respond):
            .respond(respond.choose(&generator), retryAfter: respond.retryAfter)
        default:
            .stage(seed: generator.next())
        }
    }

    /// latency + uniform[-jitter, jitter], in whole nanoseconds and never below 0.
    static func delay(
        _ latency: Nanoseconds, _ jitter: Nanoseconds, _ generator: inout SeededGenerator
    ) -> Nanoseconds {
        guard jitter > 0 else { return latency }
        let drawn = latency &+ generator.next(below: 2 * jitter + 1)
        return drawn > jitter ? drawn - jitter : 0
    }
}
