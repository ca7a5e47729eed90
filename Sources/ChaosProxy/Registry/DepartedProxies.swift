/// What proxies have counted that are no more, by their names. Loop thread only.
struct DepartedProxies {
    /// Of further names nothing is kept.
    static let maximumNames = 10_000

    struct Counts {
        /// Since the start.
        var total = ProxyCounters()
        /// Since the last reset.
        var recent = ProxyCounters()

        mutating func add(_ proxy: Proxy) {
            total.add(proxy.totals)
            recent.add(proxy.counters)
        }
    }

    /// Those with connections that are still to end, and to be counted.
    private var leaving: [Proxy] = []
    /// By the bytes of the names: Swift's own comparison takes some different spellings for one.
    private var counts: [[UInt8]: Counts] = [:]

    mutating func add(_ proxy: Proxy) {
        leaving.append(proxy)
        let ended = leaving.filter { $0.connectionCount == 0 }
        leaving.removeAll { $0.connectionCount == 0 }
        Self.add(ended, to: &counts)
    }

    private static func add(_ proxies: [Proxy], to counts: inout [[UInt8]: Counts]) {
        for proxy in proxies {
            let name = Array(proxy.name.utf8)
            guard counts[name] != nil || counts.count < maximumNames else { continue }
            counts[name, default: Counts()].add(proxy)
        }
    }

    /// Of all of them.
    var all: [(name: String, counts: Counts)] {
        var all = counts
        Self.add(leaving, to: &all)
        return all.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }

    /// What is counted since the last reset starts again.
    mutating func restartCounters() {
        for name in counts.keys { counts[name]?.recent = ProxyCounters() }
        for proxy in leaving { proxy.restartCounters() }
    }
}
