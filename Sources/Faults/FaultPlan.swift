/// The toxics of a proxy: independent coins, drawn once for each exchange.
///
/// The draw is a pure function of the root seed, the proxy's name, the toxic's name and the
/// exchange. So a request meets the same fate whether it arrives first or thirtieth of thirty
/// racing ones. Immutable: a change is a new plan.
public final class FaultPlan: Sendable {
    public let toxics: [Toxic]
    /// One seed for each toxic, made from the root seed and the two names.
    private let seeds: [UInt64]

    public init(_ toxics: [Toxic], proxy: String, seed: UInt64) {
        self.toxics = toxics
        seeds = toxics.map { toxic in
            let names = Array(proxy.utf8) + [0] + Array(toxic.name.utf8)
            return SeededGenerator.mix(seed ^ SeededGenerator.hash(names))
        }
    }

    public var isEmpty: Bool { toxics.isEmpty }

    /// One toxic's verdict on an exchange that it hits.
    public struct DrawnFault: Sendable {
        public let toxic: Toxic
        /// What was drawn, as a fraction of 1; below the toxicity is a hit. nil in exact mode.
        public let draw: Double?
        public let effect: Effect
    }

    /// The faults that `exchange` meets, in the order of the toxics.
    public func draw(_ exchange: Exchange) -> [DrawnFault] {
        var drawn: [DrawnFault] = []
        for (toxic, seed) in zip(toxics, seeds) {
            switch toxic.toxicity {
            case .random(let probability):
                var generator = SeededGenerator(seed: Self.key(exchange, seed))
                let ticket = generator.next()
                guard probability.hits(ticket) else { continue }
                let effect = toxic.fault.effect(&generator)
                let draw = Double(ticket) * 0x1p-64
                drawn.append(DrawnFault(toxic: toxic, draw: draw, effect: effect))
            case .exact(let probability):
                let number = exchange.number
                guard ExactDeck.hits(probability, number: number, seed: seed) else { continue }
                // Everything about it depends on the order of arrival, so that it can be told.
                var generator = SeededGenerator(seed: seed ^ SeededGenerator.mix(number))
                let effect = toxic.fault.effect(&generator)
                drawn.append(DrawnFault(toxic: toxic, draw: nil, effect: effect))
            }
        }
        return drawn
    }

    private static func key(_ exchange: Exchange, _ seed: UInt64) -> UInt64 {
        let attempt = UInt64(exchange.attempt) &* 0x9e37_79b9_7f4a_7c15
        return SeededGenerator.mix(seed ^ SeededGenerator.mix(exchange.target &+ attempt))
    }
}
