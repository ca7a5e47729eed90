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
            case (let server?, _):
                "http://\(authority)\(server.beginsWithFlags ? page : "/")"
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
    /// Of private worlds.
    var worlds: [Expectation.Figures] = []

    static let version = "flagserver 0.1.0"

    /// For people.
    ///
    /// - Parameter width: of the terminal, in columns; nil: any.
    func people(width: Int?) -> String {
        let flags = hasFlagServers ? fixtures.summary(countries) : "no flag servers"
        var lines = Self.joined([Self.version, engine, "seed \(seed)", flags], "   ", width)
        for server in servers {
            let upstream = server.upstream.map { ["→ \($0)"] } ?? []
            lines += self.lines(
                server.label, server.url(page), upstream + [server.summary], "   ", width)
        }
        if let control {
            let words = ["a page", "Toxiproxy's and Vaurien's API", "/metrics"]
            lines += self.lines("control", control.url, words, " · ", width)
        }
        var notes = notes
        if bind == .all { notes.append("listening on all interfaces, not only on this machine") }
        if edition == .second { notes.append("--edition 2e stands for \(preset)") }
        lines += notes.flatMap { Self.joined([$0], "", width) }
        lines += Self.joined(hints, "   ·   ", width)
        return lines.map { "  \($0)\n" }.joined()
    }

    /// A server with what is said of it, which stands below if there is no room beside it.
    private func lines(
        _ label: String, _ url: String, _ words: [String], _ separator: String, _ width: Int?
    ) -> [String] {
        let labels = servers.map(\.label.columns) + (control == nil ? [] : ["control".count])
        let urls = servers.map { $0.url(page).count } + [control?.url.count ?? 0]
        // As wide as the flag servers' labels with three blanks, wherever that is enough.
        let labelWidth = max(8, (labels.max() ?? 0) + 1)
        let name = label.padded(to: labelWidth)
        let head = "\(name)\(url.padded(to: (urls.max() ?? 0) + 3))"
        let room = width.map { $0 - 2 - head.columns }
        // Long names and addresses leave no room beside them.
        let isNarrow = room.map { $0 < 24 } ?? false
        let indent = isNarrow ? labelWidth : head.columns
        let lines = Self.joined(words, separator, width.map { $0 - indent })
        let rest = String(repeating: " ", count: indent)
        guard !isNarrow else { return [name + url] + lines.map { rest + $0 } }
        return [head + (lines.first ?? "")] + lines.dropFirst().map { rest + $0 }
    }

    private var hasFlagServers: Bool { servers.contains { $0.flagServer != nil } }

    /// Pieces on as few lines as they need; none is broken unless it is too long itself.
    private static func joined(_ pieces: [String], _ separator: String, _ width: Int?) -> [String] {
        // Each line is indented by two.
        let width = width.map { max($0 - 2, 16) }
        var lines: [String] = []
        for piece in pieces {
            let longer = lines.last.map { $0 + separator + piece }
            if let longer, longer.columns <= width ?? .max {
                lines[lines.count - 1] = longer
            } else {
                lines += piece.wrapped(to: width)
            }
        }
        return lines
    }

    private var hints: [String] {
        let isFirst = edition == .first && hasFlagServers
        let book = isFirst ? ["book's 2nd edition? --edition 2e"] : []
        let server = servers.first { $0.flagServer != nil }
        let isPage = page == "/" || server?.flagServer?.beginsWithFlags == false
        let example = isPage ? "curl" : "curl -sO"
        let file = isPage ? "/" : "\(page)br/br.gif"
        let trial = server.map { "try: \(example) \($0.authority)\(file)" }
        return book + ["Ctrl-C stops"] + [trial].compactMap(\.self)
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
            text += "\(server.flagServer == nil ? "proxy" : "server")=\(server.name.asLogValue)"
            text += server.flagServer == nil ? " protocol=\(server.protocol.rawValue)" : ""
            text += " url=\(server.url(page)) addresses=\(server.addresses.joined(separator: ","))"
            text += server.upstream.map { " upstream=\($0)" } ?? ""
            text += " faults=\(server.summary.asJSON)\n"
        }
        if let control {
            text += "control=\(control.url)"
            text += " addresses=\(control.addresses.joined(separator: ","))\n"
        }
        return text
    }

    /// One line of truth at the end; on a terminal as many as it needs.
    ///
    /// - Parameter width: of the terminal, in columns; nil: any.
    func farewell(seconds: Double, width: Int? = nil) -> String {
        let counters = servers.map(\.counters) + deleted + worlds.map(\.counters)
        let requests = counters.reduce(0) { $0 + $1.requests }
        var parts = [
            "\(requests) requests in \(Notation.shortest((seconds * 10).rounded() / 10)) s"
        ]
        if var error = servers.first(where: { $0.flagServer == .error })?.counters {
            let others = worlds.filter { $0.name == FlagServer.error.rawValue }.map(\.counters)
            for counters in others { error.add(counters) }
            let served = error.requests - error.refused
            let share = served > 0 ? Double(error.injected) / Double(served) : 0
            // Worlds may have targets of their own.
            let hasOthers = others.contains { $0.requests > 0 }
            let target = hasOthers ? "" : errorRate.map { ", target \(Self.percent($0))" } ?? ""
            parts.append(
                "ERROR injected \(error.injected) of \(served) (\(Self.percent(share))\(target))")
        }
        parts.append("peak concurrency \(counters.map(\.peak).max() ?? 0)")
        let refused = counters.reduce(0) { $0 + $1.refused }
        if refused > 0 { parts.append("refused over a limit \(refused)") }
        parts.append("malformed or late requests \(counters.reduce(0) { $0 + $1.malformed })")
        let gaveUp = counters.reduce(0) { $0 + $1.recorded.gaveUp }
        if gaveUp > 0 { parts.append("clients that gave up \(gaveUp)") }
        parts.append("unplanned errors \(counters.reduce(0) { $0 + $1.recorded.unplanned })")
        return Self.joined(parts, "; ", width).map { "\($0)\n" }.joined()
    }

    private static func percent(_ share: Double) -> String {
        "\(Notation.shortest((share * 1000).rounded() / 10)) %"
    }
}
