/// The toxics of a proxy: independent coins, drawn once for each exchange, and at most one
/// behaviour of a mix.
///
/// The draw is a pure function of the root seed, the proxy's name, the toxic's name and the
/// exchange. So a request meets the same fate whether it arrives first or thirtieth of thirty
/// racing ones. Immutable: a change is a new plan.
public final class FaultPlan: Sendable {
    public let toxics: [Toxic]
    public let mix: BehaviourMix?
    /// One seed for each toxic, made from the root seed and the two names.
    private let seeds: [UInt64]
    private let mixSeed: UInt64
    /// Exchanges that were there before this plan began to count.
    private let first: UInt64

    /// - Parameter first: how many exchanges the proxy had seen when the mix was set; ranges per
    ///   proxy count those after it.
    public init(
        _ toxics: [Toxic], mix: BehaviourMix? = nil, proxy: String, seed: UInt64, first: UInt64 = 0
    ) {
        (self.toxics, self.mix, self.first) = (toxics, mix, first)
        seeds = toxics.map { Self.seed(seed, proxy, [0], $0.name) }
        let behaviours = mix?.parts.map(\.behaviour.rawValue).joined(separator: ",") ?? ""
        mixSeed = Self.seed(seed, proxy, [1], "behavior \(behaviours)")
    }

    /// - Parameter kind: keeps the keys of toxics and mixes apart.
    private static func seed(
        _ root: UInt64, _ proxy: String, _ kind: [UInt8], _ name: String
    ) -> UInt64 {
        SeededGenerator.mix(root ^ SeededGenerator.hash(Array(proxy.utf8) + kind + name.utf8))
    }

    public var isEmpty: Bool { toxics.isEmpty && mix == nil }

    /// Whether a toxic has counts of its own, so that the order of the draws matters to it.
    public var hasOwnCounts: Bool { toxics.contains { $0.exchanges?.counting.isOwn ?? false } }

    /// Of all toxics, those of the mix included.
    public var names: Set<String> {
        Set(toxics.map(\.name) + (mix?.parts.flatMap { $0.toxics.map(\.name) } ?? []))
    }

    /// The faults that `exchange` meets, in the order of the toxics, then the mix's.
    ///
    /// - Parameters:
    ///   - matching: whether a toxic's `match` holds for the exchange; asked only about toxics that
    ///     hit it otherwise, or that have counts of their own.
    ///   - counting: which one, from 1, the exchange is for a toxic with counts of its own; asked
    ///     once for each of them whose `match` lets it in, whether it hits then or not.
    public func draw(
        _ exchange: DrawKey, matching: (Match) -> Bool = { _ in true },
        counting: (Toxic) -> UInt64 = { _ in 1 }
    ) -> [DrawnFault] {
        var drawn: [DrawnFault] = []
        for index in toxics.indices {
            let toxic = toxics[index]
            if let range = toxic.exchanges, range.counting.isOwn {
                guard toxic.match.map(matching) ?? true, range.contains(counting(toxic)),
                    let fault = Self.draw(toxic, exchange, seeds[index])
                else { continue }
                drawn.append(fault)
            } else {
                guard includes(toxic, exchange),
                    let fault = Self.draw(toxic, exchange, seeds[index]),
                    toxic.match.map(matching) ?? true
                else { continue }
                drawn.append(fault)
            }
        }
        if let mix { draw(mix, exchange, matching, into: &drawn) }
        return drawn
    }

    /// Whether the toxic's range has the exchange.
    private func includes(_ toxic: Toxic, _ exchange: DrawKey) -> Bool {
        guard let range = toxic.exchanges else { return true }
        switch range.counting {
        // A mix has none of these.
        case .match, .client, .header: return true
        case .proxy: return range.contains(exchange.number - min(first, exchange.number))
        case .target:
            let isConnection = exchange.isConnection
            return range.contains(isConnection ? exchange.number : UInt64(exchange.attempt))
        }
    }

    private static func draw(_ toxic: Toxic, _ exchange: DrawKey, _ seed: UInt64) -> DrawnFault? {
        switch toxic.toxicity {
        case .random(let probability):
            var generator = SeededGenerator(seed: key(exchange, seed))
            let ticket = generator.next()
            guard probability.hits(ticket) else { return nil }
            let effect = toxic.effect(on: exchange, &generator)
            return DrawnFault(
                toxic: toxic, draw: Double(ticket) * 0x1p-64, effect: effect,
                inFlight: exchange.inFlight)
        case .exact(let probability):
            let number = exchange.number
            guard ExactDeck.hits(probability, number: number, seed: seed) else { return nil }
            // Everything about it depends on the order of arrival, so that it can be told.
            var generator = SeededGenerator(seed: seed ^ SeededGenerator.mix(number))
            let effect = toxic.effect(on: exchange, &generator)
            return DrawnFault(
                toxic: toxic, draw: nil, effect: effect, inFlight: exchange.inFlight)
        }
    }

    /// One ticket for all behaviours: each has its own share of the numbers.
    private func draw(
        _ mix: BehaviourMix, _ exchange: DrawKey, _ matching: (Match) -> Bool,
        into drawn: inout [DrawnFault]
    ) {
        var generator = SeededGenerator(seed: Self.key(exchange, mixSeed))
        let ticket = generator.next()
        let percent = Int(ticket.multipliedFullWidth(by: 100).high)
        var start = 0
        guard
            let part = mix.parts.first(where: { part in
                start += part.percent
                return percent < start
            })
        else { return }
        start -= part.percent
        for toxic in part.toxics where includes(toxic, exchange) {
            guard toxic.match.map(matching) ?? true else { continue }
            // Counted from where its share begins, so that it lies below the share.
            let draw = max(Double(ticket) * 0x1p-64 - Double(start) / 100, 0)
            let effect = toxic.effect(on: exchange, &generator)
            drawn.append(
                DrawnFault(
                    toxic: toxic, draw: draw, effect: effect, inFlight: exchange.inFlight))
        }
    }

    private static func key(_ exchange: DrawKey, _ seed: UInt64) -> UInt64 {
        let attempt = UInt64(exchange.attempt) &* 0x9e37_79b9_7f4a_7c15
        return SeededGenerator.mix(seed ^ SeededGenerator.mix(exchange.target &+ attempt))
    }
}

extension Toxic {
    /// What it does to an exchange that it hits.
    fileprivate func effect(
        on exchange: DrawKey, _ generator: inout SeededGenerator
    ) -> Effect {
        fault.entry.under(load: exchange.inFlight).effect(
            &generator, isConnection: exchange.isConnection)
    }
}
