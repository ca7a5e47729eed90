public import HTTPWire

/// What goes wrong, with its quantities.
public enum Fault: Sendable {
    /// Bytes leave later than they came.
    case latency(latency: Nanoseconds, jitter: Nanoseconds)
    /// Another answer is given and the backend is not contacted.
    case respond(Respond)

    /// Another answer: one of these statuses, by weight.
    public struct Respond: Sendable {
        /// At least one; weights from 1.
        public let statuses: [(status: HTTPStatus, weight: UInt32)]
        /// `Retry-After` of 503 and 429, in nanoseconds; nil: no such field.
        public let retryAfter: Nanoseconds?

        public init(statuses: [(status: HTTPStatus, weight: UInt32)], retryAfter: Nanoseconds?) {
            precondition(!statuses.isEmpty, "an answer needs a status")
            (self.statuses, self.retryAfter) = (statuses, retryAfter)
        }
    }

    /// The API's word for it.
    public var type: String {
        switch self {
        case .latency: "latency"
        case .respond: "respond"
        }
    }

    /// What this fault does to one exchange, from that exchange's own numbers.
    func effect(_ generator: inout SeededGenerator) -> Effect {
        switch self {
        case .latency(let latency, let jitter):
            .latency(Self.delay(latency, jitter, &generator))
        case .respond(let respond):
            .respond(respond.choose(&generator), retryAfter: respond.retryAfter)
        }
    }

    /// latency + uniform[-jitter, jitter], in whole nanoseconds and never below 0.
    private static func delay(
        _ latency: Nanoseconds, _ jitter: Nanoseconds, _ generator: inout SeededGenerator
    ) -> Nanoseconds {
        guard jitter > 0 else { return latency }
        let drawn = latency &+ generator.next(below: 2 * jitter + 1)
        return drawn > jitter ? drawn - jitter : 0
    }
}

/// What a drawn fault does to one exchange.
public enum Effect: Equatable, Sendable {
    case latency(Nanoseconds)
    case respond(HTTPStatus, retryAfter: Nanoseconds?)
}

extension Fault.Respond {
    fileprivate func choose(_ generator: inout SeededGenerator) -> HTTPStatus {
        let total = statuses.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
        var ticket = generator.next(below: max(total, 1))
        for choice in statuses {
            if ticket < UInt64(choice.weight) { return choice.status }
            ticket -= UInt64(choice.weight)
        }
        return statuses[0].status  // only if all weights are 0
    }

    /// `Retry-After` in whole seconds, rounded up (RFC 9110 §10.2.3), where the status has one.
    public static func retryAfterSeconds(_ status: HTTPStatus, _ retryAfter: Nanoseconds?)
        -> UInt64?
    {
        guard status == 503 || status == 429, let retryAfter else { return nil }
        return (retryAfter + 999_999_999) / 1_000_000_000
    }
}
