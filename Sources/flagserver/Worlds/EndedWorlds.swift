import ChaosProxy

/// What worlds have counted that are no more. Loop thread only.
struct EndedWorlds {
    /// Worlds, and proxies of them that were asked for anything, that are told apart; further ones
    /// count in the sums alone.
    private static let maximumNames = 10_000

    private struct Name: Hashable {
        /// nil: of several.
        let world: String?
        let proxy: String
    }

    /// By world, those of their proxies that nobody has asked for anything.
    private var idle: [String: Set<String>] = [:]
    private var counts: [Name: ProxyCounters] = [:]
    /// Whether some are not told apart.
    private(set) var hasFolded = false

    mutating func add(_ figures: [Expectation.Figures]) {
        for figure in figures {
            let name = Name(world: figure.world, proxy: figure.name)
            let isIdle = figure.counters.connections == 0 && figure.counters.peakConnections == 0
            if isIdle, let world = figure.world, counts[name] == nil {
                addIdle(figure.name, of: world)
            } else {
                counts[place(of: name), default: ProxyCounters()].add(figure.counters)
            }
        }
    }

    private mutating func addIdle(_ proxy: String, of world: String) {
        guard idle[world] != nil || idle.count < Self.maximumNames else { return hasFolded = true }
        // What a world's own are called is nearly always the same.
        guard idle[world, default: []].count < ProxyRegistry.maximumProxies else { return }
        idle[world, default: []].insert(proxy)
    }

    private mutating func place(of name: Name) -> Name {
        guard counts[name] == nil, counts.count >= Self.maximumNames else { return name }
        hasFolded = true
        let shared = Name(world: nil, proxy: name.proxy)
        let isRoom = counts[shared] != nil || counts.count < 2 * Self.maximumNames
        return isRoom ? shared : Name(world: nil, proxy: "")
    }

    var figures: [Expectation.Figures] {
        let asked = counts.map {
            Expectation.Figures(world: $0.key.world, name: $0.key.proxy, counters: $0.value)
        }
        let others = idle.flatMap { world, proxies in
            proxies.filter { counts[Name(world: world, proxy: $0)] == nil }.map {
                Expectation.Figures(world: world, name: $0, counters: ProxyCounters())
            }
        }
        return asked + others
    }
}
