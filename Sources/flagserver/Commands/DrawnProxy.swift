import ChaosProxy
import Faults
import HTTPWire

/// What `flagserver draw` needs to know of a proxy.
struct DrawnProxy {
    let plan: FaultPlan
    let `protocol`: ProxyProtocol
    /// What has it that who is hit depends on the order of arrival, so that nothing else is told;
    /// nil: nothing has.
    let exactMode: String?
    /// What the URLs of FAULT name; nil for others.
    private var requested: KnownFaultPaths?
    /// What toxics with counts of their own have let in so far, by their names.
    private var counts: [String: UInt64] = [:]

    /// - Throws: `CommandLineError` 64 if there is no such proxy, naming those there are.
    init(_ name: String, _ settings: Settings) throws {
        let word = name.lowercased()
        if let server = FlagServer(rawValue: word) {
            plan = FlagServers.plan(of: server, settings)
            `protocol` = .http
            if server == .fault {
                requested = KnownFaultPaths(seed: settings.seed, proxy: server.rawValue)
            }
        } else if let names = settings.names, word == NameServerSettings.proxyName {
            (plan, `protocol`) = (names.plan(seed: settings.seed), .dns)
        } else if let proxy = Self.specifications(settings).first(where: { $0.name == name }) {
            plan = FaultPlan(
                proxy.toxics, mix: proxy.mix, proxy: proxy.name, seed: settings.seed)
            `protocol` = proxy.protocol ?? .tcp
        } else {
            throw Self.unknown(name, settings)
        }
        let exact = plan.toxics.first(where: Self.isExact)
        let isByOption = FlagServer(rawValue: word) != nil && settings.errorMode == .exact
        exactMode = exact.map {
            isByOption ? "--error-mode exact" : "mode=exact of toxic '\($0.name)'"
        }
    }

    private static func isExact(_ toxic: Toxic) -> Bool {
        if case .exact = toxic.toxicity { true } else { false }
    }

    private static func unknown(_ name: String, _ settings: Settings) -> CommandLineError {
        let names =
            FlagServer.allCases.map(\.rawValue)
            + (settings.names == nil ? [] : [NameServerSettings.proxyName])
            + specifications(settings).map(\.name)
        let word = name.lowercased()
        if word == NameServerSettings.proxyName {
            return OptionValues.usage("proxy '\(name)' is off (see --dns).")
        }
        if CharfinderServer(named: word) != nil {
            return OptionValues.usage("proxy '\(name)' is off (see --charfinder).")
        }
        return OptionValues.usage(
            "there is no proxy '\(name)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: names))
    }

    private static func specifications(_ settings: Settings) -> [ProxySpecification] {
        CharfinderServer.allCases.filter { settings.charfinder?[$0] != nil }
            .compactMap { settings.charfinderProxies[$0] } + settings.proxies
    }

    /// Whether targets say what goes wrong.
    var readsTargets: Bool { requested != nil }

    /// What cannot be foretold for certain, a sentence each.
    var doubts: [String] {
        plan.toxics.flatMap { [load($0), time($0), place($0)].compactMap(\.self) } + countDoubts
    }

    private func load(_ toxic: Toxic) -> String? {
        guard toxic.isByLoad else { return nil }
        return "toxic '\(toxic.name)' delays by load: told is what an exchange meets that is alone"
    }

    private func time(_ toxic: Toxic) -> String? {
        toxic.window.map { _ in
            "toxic '\(toxic.name)' acts by time: it does as told while it is in force"
        }
    }

    private func place(_ toxic: Toxic) -> String? {
        switch toxic.fault.type.place {
        case .listener: "toxic '\(toxic.name)' acts on the listener: nothing is drawn for it"
        case .connection where !`protocol`.drawsPerConnection:
            "toxic '\(toxic.name)' is drawn for each connection, which these lines do not tell"
        case .connection, .exchange, .bytes: nil
        }
    }

    private var countDoubts: [String] {
        plan.toxics.compactMap { toxic in
            guard let exchanges = toxic.exchanges else { return nil }
            let counts =
                "toxic '\(toxic.name)' counts exchanges per \(exchanges.counting.rawValue)"
            switch exchanges.counting {
            case .target: return nil
            // That of a connection is what it is drawn by.
            case .proxy where `protocol`.drawsPerConnection: return nil
            case .header:
                return "\(counts): what it does cannot be foretold, for these have no fields"
            case .proxy, .match:
                return
                    "\(counts), by arrival: it does as told if nothing else comes, in this order"
            case .client:
                return
                    "\(counts), by arrival: it does as told to a client that sends just these"
            }
        }
    }

    // MARK: Fates

    /// What an exchange meets.
    struct Fate {
        var status: String?
        var delay: Nanoseconds = 0
        /// Drawn toxics that are neither: their names; and of delays what they depend on.
        var others: [String] = []
    }

    /// A request's fate.
    ///
    /// - Parameter number: of the exchange among all of this proxy's, for what is counted so.
    mutating func fate(target: String, attempt: Int, number: Int) throws -> Fate {
        let hash = SeededGenerator.hash(`protocol`.key(of: target))
        let exchange = DrawKey(target: hash, attempt: UInt32(attempt), number: UInt64(number))
        guard `protocol` == .http else { return try fate(exchange, of: nil) }
        // A client that sends no fields at all, not even Host.
        return try Array("GET \(target) HTTP/1.0\r\n\r\n".utf8).withUnsafeBytes { head in
            var skipped = 0
            return try fate(exchange, of: try? HTTPParser.parse(head, skipped: &skipped))
        }
    }

    /// A connection's fate, or that of the n-th arrival in exact mode.
    mutating func fate(number: UInt64) throws -> Fate {
        guard exactMode != nil else { return try fate(DrawKey(connection: number), of: nil) }
        return try fate(DrawKey(target: 0, attempt: 1, number: number), of: nil)
    }

    /// What the first request on a connection from this machine meets.
    private mutating func fate(_ exchange: DrawKey, of request: HTTPRequest?) throws -> Fate {
        var fate = Fate()
        var counts = counts
        func draw(isArrival: Bool) -> [FaultPlan.DrawnFault] {
            plan.draw(exchange, isArrival: isArrival) { match in
                match.applies(to: request, from: "127.0.0.1", number: 1)
            } counting: { toxic in
                counts[toxic.name, default: 0] += 1
                return counts[toxic.name] ?? 1
            }
        }
        let arrivals = exchange.isConnection ? draw(isArrival: true) : []
        let drawn = arrivals + draw(isArrival: false)
        self.counts = counts
        for fault in try ofURL(exchange, request) + drawn {
            // What the others do depends on the target.
            guard exactMode == nil || Self.isExact(fault.toxic) else { continue }
            switch fault.effect {
            case .respond(let answer, _): fate.status = "\(answer.code)"
            case .latency where exactMode != nil: fate.others.append(fault.toxic.name)
            case .latency(let time):
                fate.delay += time
                if fault.toxic.isByLoad { fate.others.append("\(fault.toxic.name) by load") }
            case .answer, .script, .stage: fate.others.append(fault.toxic.name)
            }
        }
        return fate
    }

    /// What the URL itself asks for.
    private mutating func ofURL(
        _ exchange: DrawKey, _ request: HTTPRequest?
    ) throws -> [FaultPlan.DrawnFault] {
        guard let request, var known = requested else { return [] }
        defer { requested = known }
        switch FaultAddress(request, &known) {
        case .index, .none: return []
        case .wrong(let error): throw OptionValues.usage("--target: \(error)")
        case .file(let entry, _, _):
            return entry.plan.draw(exchange) { match in
                match.applies(to: request, from: "127.0.0.1", number: 1)
            }
        }
    }
}
