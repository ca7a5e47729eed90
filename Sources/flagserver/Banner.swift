import ChaosProxy
import HTTPWire

/// What is told at the start and at the end.
struct Banner {
    let settings: Settings
    let edition: Edition
    let engine: String
    let fixtures: String
    let countries: Int
    let fixtureBytes: Int
    let proxies: [(name: FlagServerName, proxy: Proxy)]

    static let version = "flagserver 0.1.0"

    /// For people.
    var people: String {
        let set = "\(fixtures): \(countries) countries, \(Self.size(fixtureBytes))"
        var text = "  \(Self.version)   \(engine)   seed \(settings.seed)   fixtures \(set)\n"
        for (name, proxy) in proxies {
            let url = "http://\(proxy.authority)/flags/"
            let summary = FlagServers.summary(of: name, settings)
            text += "  \(name.label)   \(url)\(padding(url))   \(summary)\n"
        }
        if settings.bind == .all {
            text += "  listening on all interfaces, not only on this machine\n"
        }
        if edition == .second { text += "  --edition 2e stands for \(edition.options)\n" }
        return text + "  \(hint)\n"
    }

    private func padding(_ url: String) -> String {
        let longest = proxies.map { "http://\($0.proxy.authority)/flags/".count }.max() ?? 0
        return String(repeating: " ", count: longest - url.count)
    }

    private var hint: String {
        let book = edition == .first ? "book's 2nd edition? --edition 2e   ·   " : ""
        let authority = proxies.first?.proxy.authority ?? ""
        return "\(book)Ctrl-C stops   ·   try: curl -sO \(authority)/flags/br/br.gif"
    }

    /// For programs: a line for each server.
    var lines: String {
        var text = "version=\(HTTPSerializer.server) engine=\"\(engine)\" seed=\(settings.seed)"
        text += " fixtures=\(JSONText.quoted(fixtures)) countries=\(countries)\n"
        if edition == .second { text += "edition=2e options=\"\(edition.options)\"\n" }
        for (name, proxy) in proxies {
            text += "server=\(name.rawValue) url=http://\(proxy.authority)/flags/ "
            text += "addresses=\(proxy.addresses.map { "\($0)" }.joined(separator: ","))"
            text += " faults=\"\(FlagServers.summary(of: name, settings))\"\n"
        }
        return text
    }

    /// One line of truth at the end.
    func farewell(seconds: Double) -> String {
        let counters = proxies.map(\.proxy.counters)
        let requests = counters.reduce(0) { $0 + $1.requests }
        var text =
            "\(requests) requests in \(OptionValues.shortest((seconds * 10).rounded() / 10)) s"
        if let error = proxies.first(where: { $0.name == .error })?.proxy.counters {
            let share = error.requests > 0 ? Double(error.injected) / Double(error.requests) : 0
            let target = settings.errorRate.fraction
            text += "; ERROR injected \(error.injected) of \(error.requests)"
            text += " (\(Self.percent(share)), target \(Self.percent(target)))"
        }
        text += "; peak concurrency \(counters.map(\.peak).max() ?? 0)"
        text += "; malformed or late requests \(counters.reduce(0) { $0 + $1.refused })"
        text += "; unplanned errors \(counters.reduce(0) { $0 + $1.unplanned })"
        return text + "\n"
    }

    private static func percent(_ share: Double) -> String {
        "\(OptionValues.shortest((share * 1000).rounded() / 10)) %"
    }

    private static func size(_ bytes: Int) -> String {
        let megabytes = (Double(bytes) / 1e5).rounded() / 10
        return "\(OptionValues.shortest(megabytes)) MB"
    }
}
