import ChaosProxy

/// What worlds have counted that are no more. Loop thread only.
struct EndedWorlds {
    /// Proxies that are told apart; further ones count under their own names alone.
    private static let maximumNames = 10_000

    private struct Name: Hashable {
        let world: String?
        let proxy: String
    }

    private var counts: [Name: ProxyCounters] = [:]

    mutating func add(_ figures: [Expectation.Figures]) {
        for figure in figures {
            var name = Name(world: figure.world, proxy: figure.name)
            if counts[name] == nil, counts.count >= Self.maximumNames {
                name = Name(world: nil, proxy: FlagServer(rawValue: figure.name)?.rawValue ?? "")
            }
            counts[name, default: ProxyCounters()].add(figure.counters)
        }
    }

    var figures: [Expectation.Figures] {
        counts.map {
            Expectation.Figures(world: $0.key.world, name: $0.key.proxy, counters: $0.value)
        }
    }
}
