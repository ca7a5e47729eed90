public import HTTPWire

/// What goes wrong, with its quantities.
public enum Fault: Equatable, Sendable {
    /// Nothing.
    case noop
    /// Bytes leave later than they came. The jitter is evenly that much more or less.
    case latency(latency: Nanoseconds, jitter: Nanoseconds)
    /// Bytes leave at a rate in bytes per second; 0 stalls them.
    case bandwidth(rate: UInt64)
    /// Bytes leave in pieces, and `delay` passes after each. An average size of 0 slices nothing.
    case slicer(averageSize: Int, sizeVariation: Int, delay: Nanoseconds)
    /// The connection is closed after so many bytes.
    case limitData(bytes: Int64)
    /// The end leaves later.
    case slowClose(delay: Nanoseconds)
    /// Nothing leaves; the connection is closed after `timeout`. 0 never closes it.
    case timeout(timeout: Nanoseconds)
    /// The connection is reset, `timeout` after the first bytes.
    case resetPeer(timeout: Nanoseconds)
    /// Pieces are lost, as they were read; after a lost one with `correlation` more.
    case packetLoss(lossRate: Probability, correlation: Probability)
    /// Random bytes leave in place of the others or, injected, in the middle of them.
    case corrupt(bytes: Int, inject: Bool)
    /// Another answer is given and the backend is not contacted.
    case respond(Respond)

    /// Another answer: one of these statuses, by weight.
    public struct Respond: Equatable, Sendable {
        /// At least one; weights from 1.
        public let statuses: [(status: HTTPStatus, weight: UInt32)]
        /// `Retry-After` of 503 and 429, in nanoseconds; nil: no such field.
        public let retryAfter: Nanoseconds?

        public init(statuses: [(status: HTTPStatus, weight: UInt32)], retryAfter: Nanoseconds?) {
            precondition(!statuses.isEmpty, "an answer needs a status")
            (self.statuses, self.retryAfter) = (statuses, retryAfter)
        }

        /// A teapot or an unavailable service, equally often; to be tried again after a second.
        public static let standard = Respond(
            statuses: [(418, 1), (503, 1)], retryAfter: 1_000_000_000)

        public static func == (left: Respond, right: Respond) -> Bool {
            left.retryAfter == right.retryAfter
                && left.statuses.elementsEqual(right.statuses, by: ==)
        }
    }

    /// The API's word for it.
    public var type: FaultType {
        switch self {
        case .noop: .noop
        case .latency: .latency
        case .bandwidth: .bandwidth
        case .slicer: .slicer
        case .limitData: .limitData
        case .slowClose: .slowClose
        case .timeout: .timeout
        case .resetPeer: .resetPeer
        case .packetLoss: .packetLoss
        case .corrupt: .corrupt
        case .respond: .respond
        }
    }
}

extension Fault.Respond {
    /// One of the statuses, by weight.
    func choose(_ generator: inout SeededGenerator) -> HTTPStatus {
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
