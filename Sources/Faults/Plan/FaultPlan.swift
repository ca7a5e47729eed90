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
    /// Of each toxic where it acts, which is asked for every exchange.
    private let places: [FaultPlace]
    /// Toxics that are not in force now, and were for exchanges that are under way.
    private let dormant: Set<String>
    /// Whether something is drawn for a connection when it comes.
    public let hasArrivals: Bool
    /// Whether an answer may begin before the body of its request has come.
    public let beginsAtHead: Bool
    /// Exchanges that were there before this plan began to count.
    private let first: UInt64
    /// Whether there is nothing to draw.
    public let isEmpty: Bool

    /// - Parameters:
    ///   - first: how many exchanges the proxy had seen when the mix was set; ranges per proxy
    ///     count those after it.
    ///   - isOpen: whether exchanges may bring faults of their own, so that it is never empty.
    ///   - dormant: names of toxics that are not in force now, and that exchanges under way keep.
    public init(
        _ toxics: [Toxic], mix: BehaviourMix? = nil, proxy: String, seed: UInt64, first: UInt64 = 0,
        isOpen: Bool = false, dormant: Set<String> = []
    ) {
        (self.toxics, self.mix, self.first, self.dormant) = (toxics, mix, first, dormant)
        isEmpty = toxics.isEmpty && mix == nil && !isOpen
        places = toxics.map(\.fault.place)
        hasArrivals = places.contains(.connection)
        seeds = toxics.map { Self.seed(seed, proxy, [0], $0.name) }
        let behaviours = mix?.parts.map(\.behaviour.rawValue).joined(separator: ",") ?? ""
        mixSeed = Self.seed(seed, proxy, [1], "behavior \(behaviours)")
        beginsAtHead = isOpen || toxics.contains { $0.fault.beginning == .head }
    }

    /// - Parameter kind: keeps the keys of toxics and mixes apart.
    private static func seed(
        _ root: UInt64, _ proxy: String, _ kind: [UInt8], _ name: String
    ) -> UInt64 {
        SeededGenerator.mix(root ^ SeededGenerator.hash(Array(proxy.utf8) + kind + name.utf8))
    }

    /// Whether a toxic has counts of its own, so that the order of the draws matters to it.
    public var hasOwnCounts: Bool { toxics.contains { $0.exchanges?.counting.isOwn ?? false } }

    /// Of all toxics, those of the mix and those included that only exchanges under way still have.
    public var names: Set<String> {
        dormant.union(toxics.map(\.name) + (mix?.parts.flatMap { $0.toxics.map(\.name) } ?? []))
    }

    /// Whether a toxic of that name is in force.
    public func has(_ name: String) -> Bool { toxics.contains { $0.name == name } }

    /// How a listener treats those who connect.
    public func door(isIPv6: Bool) -> Door {
        var door = Door.open
        for index in toxics.indices where places[index] == .listener {
            door = door.and(toxics[index].fault.entry.door(isIPv6: isIPv6))
        }
        return door
    }

    /// The faults that `exchange` meets, in the order of the toxics, then the mix's.
    ///
    /// - Parameters:
    ///   - isArrival: what is drawn for is a connection that comes: then only those are that act
    ///     on connections as a whole, and else all others.
    ///   - matching: whether a toxic's `match` holds for the exchange; asked only about toxics that
    ///     hit it otherwise, or that have counts of their own.
    ///   - counting: which one, from 1, the exchange is for a toxic with counts of its own; asked
    ///     once for each of them whose `match` lets it in, whether it hits then or not.
    public func draw(
        _ exchange: DrawKey, isArrival: Bool = false, matching: (Match) -> Bool = { _ in true },
        counting: (Toxic) -> UInt64 = { _ in 1 }
    ) -> [DrawnFault] {
        var drawn: [DrawnFault] = []
        for index in toxics.indices where isDrawn(index, isArrival) {
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
        if let mix, !isArrival { draw(mix, exchange, matching, into: &drawn) }
        return drawn
    }

    private func isDrawn(_ index: Int, _ isArrival: Bool) -> Bool {
        switch places[index] {
        case .listener: false
        case .connection: isArrival
        case .exchange, .bytes: !isArrival
        }
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
