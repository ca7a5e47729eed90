import ChaosProxy
import ControlAPI
import Faults

/// What `flagserver draw` needs to know of a proxy.
struct DrawnProxy {
    let plan: FaultPlan
    let `protocol`: ProxyProtocol
    /// Who gets an error depends on the order of arrival, and nothing else is told.
    let isExact: Bool

    /// - Throws: `CommandLineError` 64 if there is no such proxy, naming those there are.
    init(_ name: String, _ settings: Settings) throws {
        let word = name.lowercased()
        if let server = FlagServerName(rawValue: word) {
            plan = FlagServers.plan(of: server, settings)
            `protocol` = .http
            isExact = FlagServers.toxics(of: server, settings).contains { toxic in
                if case .exact = toxic.toxicity { true } else { false }
            }
        } else if let proxy = settings.proxies.first(where: { $0.name == name }) {
            plan = FaultPlan(
                proxy.toxics, mix: proxy.mix, proxy: proxy.name, seed: settings.seed)
            `protocol` = proxy.protocol ?? .tcp
            isExact = false
        } else {
            let names = FlagServerName.allCases.map(\.rawValue) + settings.proxies.map(\.name)
            throw OptionValues.usage(
                "there is no proxy '\(name)' (\(names.joined(separator: ", ")))."
                    + Suggestion.hint(for: word, in: names))
        }
    }

    // MARK: Fates

    /// What an exchange meets.
    struct Fate {
        var status: String?
        var delay: Nanoseconds = 0
        /// Drawn toxics that are neither: their names.
        var others: [String] = []
    }

    /// A request's fate.
    ///
    /// - Parameter number: of the exchange among all of this proxy's, for what is counted so.
    func fate(target: String, attempt: Int, number: Int) -> Fate {
        let hash = SeededGenerator.hash(`protocol`.key(of: target))
        let exchange = Exchange(target: hash, attempt: UInt32(attempt), number: UInt64(number))
        return fate(exchange) { isMet($0, path: Self.path(of: target)) }
    }

    /// A connection's fate, or that of the n-th arrival in exact mode.
    func fate(number: UInt64) -> Fate {
        let exchange =
            isExact
            ? Exchange(target: 0, attempt: 1, number: number) : Exchange(connection: number)
        return fate(exchange) { isMet($0, path: "") }
    }

    private func fate(_ exchange: Exchange, matching: (Match) -> Bool) -> Fate {
        var fate = Fate()
        for fault in plan.draw(exchange, matching: matching) {
            switch fault.effect {
            case .respond(let answer, _): fate.status = "\(answer.code)"
            case .latency(let time): fate.delay += time
            case .stage: fate.others.append(fault.toxic.name)
            }
        }
        return fate
    }

    /// By a plain client: the first request on a connection from this machine, on http a GET
    /// without fields.
    private func isMet(_ match: Match, path: Substring) -> Bool {
        if let client = match.client, !Match.client(client, matches: "127.0.0.1") { return false }
        if let request = match.request, !request.contains(1) { return false }
        if `protocol` != .http { return match.path ?? match.method == nil && match.header == nil }
        if let pattern = match.path, !Match.glob(pattern.utf8, matches: path.utf8) { return false }
        return match.method ?? "GET" == "GET" && match.header == nil
    }

    /// Without query, and of `http://host/path` the path alone.
    private static func path(of target: String) -> Substring {
        var path = target.prefix { $0 != "?" }
        if let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
        }
        return path
    }
}
