// What has been counted, also by proxies that are no more.

extension ProxyRegistry {
    /// What each has counted since the start, whatever was reset, deleted or made again since: one
    /// for each name, sorted.
    public var totals: [(name: String, counters: ProxyCounters)] {
        let all =
            present.map { ($0.name, $0.totals) }
            + departed.all.map { ($0.name, $0.counts.total) }
        return Dictionary(grouping: all) { Array($0.0.utf8) }.values
            .map { (name: $0[0].0, counters: Self.sum($0.map(\.1))) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// What those of a name, or all, have counted since the last reset; nil if there never was one.
    public func recent(of name: String?) -> ProxyCounters? {
        func isMeant(_ other: String) -> Bool { name.map { Self.isSame($0, other) } ?? true }
        let all =
            present.filter { isMeant($0.name) }.map(\.counters)
            + departed.all.filter { isMeant($0.name) }.map(\.counts.recent)
        return all.isEmpty ? nil : Self.sum(all)
    }

    /// Those that there are, and the program's own that may come back.
    private var present: [Proxy] { (proxies + deleted).map(\.proxy) }

    private static func sum(_ all: [ProxyCounters]) -> ProxyCounters {
        var sum = ProxyCounters()
        for counters in all { sum.add(counters) }
        return sum
    }

    /// Starts all counters again, at one moment.
    func restartCounters() {
        resets.count += 1
        resets.underWay += present.reduce(0) { $0 + $1.counters.inFlight }
        for proxy in present { proxy.restartCounters() }
        departed.restartCounters()
    }
}
