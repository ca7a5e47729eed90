import HTTPWire

extension FaultPlan {
    /// One toxic's verdict on an exchange that it hits.
    ///
    /// Thousands of exchanges may wait, each with one of these: so it is kept in as few bytes as it
    /// needs.
    public struct DrawnFault: Sendable {
        public let toxic: Toxic
        /// Not a number: there was none.
        private let rawDraw: Double
        /// The delay, the status, or the seed.
        private var value: UInt64
        private var kind: Kind
        /// Whether what left its stage differed from what came, or a byte of its answer left.
        public var hasActed: Bool
        /// Whether it is a script whose head has said another status than the honest one.
        public var saysStatus = false
        /// How many exchanges were under way when its own began.
        private var inFlight: UInt32

        private enum Kind: UInt8 { case latency, respond, answer, script, stage }

        /// - Parameter inFlight: how many exchanges were under way when its own began, itself among
        ///   them.
        public init(
            toxic: Toxic, draw: Double?, effect: Effect, hasActed: Bool = false,
            inFlight: UInt32 = 1
        ) {
            (self.toxic, rawDraw, self.hasActed) = (toxic, draw ?? .nan, hasActed)
            self.inFlight = inFlight
            (kind, value) = Self.packed(effect)
        }

        /// What was drawn, as a fraction of 1; below the toxicity is a hit. nil in exact mode.
        public var draw: Double? { rawDraw.isNaN ? nil : rawDraw }

        public var effect: Effect {
            get {
                switch kind {
                case .latency: .latency(value)
                case .respond: .respond(status, retryAfter: retryAfter)
                case .answer: .answer
                case .script: .script(seed: value)
                case .stage: .stage(seed: value)
                }
            }
            set { (kind, value) = Self.packed(newValue) }
        }

        /// The exchange begins, for which it was drawn as if nothing were under way.
        public mutating func begin(inFlight count: UInt32) {
            inFlight = count
            guard case .latency(let delay) = effect, case .latency(let latency) = toxic.fault else {
                return
            }
            effect = .latency(latency.delay(delay, under: count))
        }

        /// Its fault as it is for the exchange.
        var entry: any CatalogueEntry { toxic.fault.entry.under(load: inFlight) }

        /// Whether it is a script that has acted.
        public var hasScripted: Bool { hasActed && kind == .script }

        /// Whether it has given another answer of the protocol.
        public var hasAnswered: Bool { hasActed && kind == .answer }

        private var status: HTTPStatus { HTTPStatus(Int(value)) ?? 503 }

        private var retryAfter: Nanoseconds? {
            if case .respond(let respond) = toxic.fault { respond.retryAfter } else { nil }
        }

        private static func packed(_ effect: Effect) -> (Kind, UInt64) {
            switch effect {
            case .latency(let delay): (.latency, delay)
            case .respond(let status, _): (.respond, UInt64(status.code))
            case .answer: (.answer, 0)
            case .script(let seed): (.script, seed)
            case .stage(let seed): (.stage, seed)
            }
        }
    }
}
