import ChaosProxy
import Faults
import HTTPWire
import Records

/// What is told at the start and at the end.
struct Banner {
    /// A flag server or a proxy that listens, in plain values.
    struct Server {
        /// nil: a `--proxy` or one of a configuration.
        let flagServer: FlagServer?
        let name: String
        let `protocol`: ProxyProtocol
        /// `localhost:8001`
        let authority: String
        let addresses: [String]
        /// `127.0.0.1:8001`; nil: the flags.
        let upstream: String?
        /// `25 % → 418 / 503`
        let summary: String
        let counters: ProxyCounters

        /// As it stands in the first column.
        fileprivate var label: String { flagServer?.label ?? name }

        /// - Parameter page: where the flags are listed.
        fileprivate func url(_ page: String) -> String {
            switch (flagServer, `protocol`) {
            case (nil, .http): "http://\(authority)/"
            case (nil, _): authority
            case (_?, _): "http://\(authority)\(page)"
            }
        }
    }

    /// The control port.
    struct Control {
        let authority: String
        let addresses: [String]

        fileprivate var url: String { "http://\(authority)/" }
    }

    let seed: UInt64
    let bind: Bind
    /// ERROR's, for the farewell; nil if it has not just one for all requests.
    let errorRate: Double?
    let edition: Edition
    /// What is in force of all that the edition stands for, as it could be typed.
    var preset = ""
    let engine: String
    let fixtures: FixtureSource
    let countries: Int
    let servers: [Server]
    let control: Control?
    /// What was decided without being asked for.
    let notes: [String]
    /// Where the flags, or other files, are listed.
    var page = "/flags/"
    /// Of proxies that are no more.
    var deleted: [ProxyCounters] = []

    static let version = "flagserver 0.1.0"

    /// For people.
    var people: String {
        var text = "  \(Self.version)   \(engine)   seed \(seed)"
        text += "   \(hasFlagServers ? fixtures.summary(countries) : "no flag servers")\n"
        for server in servers {
            let upstream = server.upstream.map { "→ \($0)   " } ?? ""
            text += line(server.label, server.url(page), upstream + server.summary)
        }
        if let control {
            text += line("control", control.url, "Toxiproxy's and Vaurien's API · /metrics")
        }
        for note in notes { text += "  \(note)\n" }
        if bind == .all { text += "  listening on all interfaces, not only on this machine\n" }
        if edition == .second { text += "  --edition 2e stands for \(preset)\n" }
        return text + "  \(hint)\n"
    }

    private func line(_ label: String, _ url: String, _ text: String) -> String {
        let labels = servers.map(\.label.count) + (control == nil ? [] : ["control".count])
        let urls = servers.map { $0.url(page).count } + [control?.url.count ?? 0]
        // As wide as the flag servers' labels with three blanks, wherever that is enough.
        let labelWidth = max(8, (labels.max() ?? 0) + 1)
        return "  \(Self.padded(label, labelWidth))\(Self.padded(url, (urls.max() ?? 0) + 3))"
            + "\(text)\n"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private var hasFlagServers: Bool { servers.contains { $0.flagServer != nil } }

    private var hint: String {
        let isFirst = edition == .first && hasFlagServers
        let book = isFirst ? "book's 2nd edition? --edition 2e   ·   " : ""
        guard let server = servers.first(where: { $0.flagServer != nil }) else {
            return "\(book)Ctrl-C stops"
        }
        let example = page == "/" ? "curl" : "curl -sO"
        let file = page == "/" ? page : "\(page)br/br.gif"
        return "\(book)Ctrl-C stops   ·   try: \(example) \(server.authority)\(file)"
    }

    /// For programs: a line for each server.
    var lines: String {
        var text = "version=\(HTTPSerializer.server) engine=\"\(engine)\" seed=\(seed)"
        if hasFlagServers {
            text += " fixtures=\("\(fixtures)".asJSON) countries=\(countries)"
        }
        text += "\n"
        if edition == .second { text += "edition=2e options=\"\(preset)\"\n" }
        for note in notes { text += "note=\(note.asJSON)\n" }
        for server in servers {
            text += "\(server.flagServer == nil ? "proxy" : "server")=\(server.name)"
            text += server.flagServer == nil ? " protocol=\(server.protocol.rawValue)" : ""
            text += " url=\(server.url(page)) addresses=\(server.addresses.joined(separator: ","))"
            text += server.upstream.map { " upstream=\($0)" } ?? ""
            text += " faults=\"\(server.summary)\"\n"
        }
        if let control {
            text += "control=\(control.url)"
            text += " addresses=\(control.addresses.joined(separator: ","))\n"
        }
        return text
    }

    /// One line of truth at the end.
    func farewell(seconds: Double) -> String {
        let counters = servers.map(\.counters) + deleted
        let requests = counters.reduce(0) { $0 + $1.requests }
        var text =
            "\(requests) requests in \(Notation.shortest((seconds * 10).rounded() / 10)) s"
        if let error = servers.first(where: { $0.flagServer == .error })?.counters {
            let served = error.requests - error.refused
            let share = served > 0 ? Double(error.injected) / Double(served) : 0
            let target = errorRate.map { ", target \(Self.percent($0))" } ?? ""
            text += "; ERROR injected \(error.injected) of \(served)"
            text += " (\(Self.percent(share))\(target))"
        }
        text += "; peak concurrency \(counters.map(\.peak).max() ?? 0)"
        let refused = counters.reduce(0) { $0 + $1.refused }
        if refused > 0 { text += "; refused over a limit \(refused)" }
        text += "; malformed or late requests \(counters.reduce(0) { $0 + $1.malformed })"
        let gaveUp = counters.reduce(0) { $0 + $1.recorded.gaveUp }
        if gaveUp > 0 { text += "; clients that gave up \(gaveUp)" }
        text += "; unplanned errors \(counters.reduce(0) { $0 + $1.recorded.unplanned })"
        return text + "\n"
    }

    private static func percent(_ share: Double) -> String {
        "\(Notation.shortest((share * 1000).rounded() / 10)) %"
    }
}
