import EventLoop

/// Who leads to whom, to find out whether connections would go round in circles.
struct ProxyChain {
    struct Link {
        let name: String
        let listeners: [SocketAddress]
        /// Where its connections go, as far as that is known without a resolver.
        let upstreams: [SocketAddress]
    }

    private var links: [String: Link] = [:]
    private var namesByPort: [UInt16: [String]] = [:]

    init(_ links: [Link]) {
        for link in links { put(link) }
    }

    /// Adds a link, or puts it in the place of the one of that name.
    mutating func put(_ link: Link) {
        for listener in links[link.name]?.listeners ?? [] {
            namesByPort[listener.port]?.removeAll { $0 == link.name }
        }
        links[link.name] = link
        for port in Set(link.listeners.map(\.port)) {
            namesByPort[port, default: []].append(link.name)
        }
    }

    /// The names on the way from `address` to `goal`, with both ends; nil if there is none.
    func path(from address: SocketAddress, to goal: String) -> [String]? {
        var cameFrom: [String: String] = [:]
        var seen: Set<String> = []
        var next = reached(by: address)
        var position = 0
        while position < next.count {
            let name = next[position]
            position += 1
            guard seen.insert(name).inserted else { continue }
            if name == goal { return Self.trace(name, cameFrom) }
            for upstream in links[name]?.upstreams ?? [] {
                for found in reached(by: upstream) where !seen.contains(found) {
                    if cameFrom[found] == nil { cameFrom[found] = name }
                    next.append(found)
                }
            }
        }
        return nil
    }

    private static func trace(_ end: String, _ cameFrom: [String: String]) -> [String] {
        var path = [end]
        while let last = path.last, let previous = cameFrom[last] { path.append(previous) }
        return path.reversed()
    }

    private func reached(by address: SocketAddress) -> [String] {
        (namesByPort[address.port] ?? []).filter { name in
            links[name]?.listeners.contains { address.reaches($0) } ?? false
        }
    }
}
