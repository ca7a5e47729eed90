import ChaosProxy

/// What worlds have counted that are no more. Loop thread only.
struct EndedWorlds {
    /// Worlds, and proxies of them that were asked for anything, that are told apart; further ones
    /// count in the sums alone.
    private static let maximumNames = 10_000

    private struct Name: Hashable {
        let world: String?
        let proxy: String
    }

    /// By world, those of their proxies that nobody has asked for anything.
    private var idle: [String: Set<String>] = [:]
    /// Without how long exchanges took: of that, each would have kilobytes.
    private var counts: [Name: ProxyCounters] = [:]
    /// By proxy, what is not told apart: how long exchanges took, and what there was no room for.
    private var shared: [String: ProxyCounters] = [:]
    /// Whether some are not told apart.
    private(set) var hasFolded = false

    mutating func add(_ figures: [Expectation.Figures]) {
        for figure in figures {
            let name = Name(world: figure.world, proxy: figure.name)
            let isIdle = figure.counters.connections == 0 && figure.counters.peakConnections == 0
            if isIdle, let world = figure.world, counts[name] == nil {
                addIdle(figure.name, of: world)
            } else {
                add(figure.counters, to: name)
            }
        }
    }

    private mutating func add(_ added: ProxyCounters, to name: Name) {
        var counters = added
        let isRoom = shared[name.proxy] != nil || shared.count < Self.maximumNames
        let place = isRoom ? name.proxy : ""
        var sum = shared[place] ?? ProxyCounters()
        counters.recorded.moveLatencies(to: &sum.recorded)
        if counts[name] != nil || counts.count < Self.maximumNames {
            counts[name, default: ProxyCounters()].add(counters)
        } else {
            hasFolded = true
            sum.add(counters)
        }
        shared[place] = sum
    }

    private mutating func addIdle(_ proxy: String, of world: String) {
        guard idle[world] != nil || idle.count < Self.maximumNames else { return hasFolded = true }
        // What a world's own are called is nearly always the same.
        guard idle[world, default: []].count < ProxyRegistry.maximumProxies else { return }
        idle[world, default: []].insert(proxy)
    }

    var figures: [Expectation.Figures] {
        let asked = counts.map {
            Expectation.Figures(world: $0.key.world, name: $0.key.proxy, counters: $0.value)
        }
        let sums = shared.map {
            Expectation.Figures(world: nil, name: $0.key, counters: $0.value)
        }
        let others = idle.flatMap { world, proxies in
            proxies.filter { counts[Name(world: world, proxy: $0)] == nil }.map {
                Expectation.Figures(world: world, name: $0, counters: ProxyCounters())
            }
        }
        return asked + sums + others
    }
}
