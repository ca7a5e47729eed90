import ChaosProxy
import EventLoop
import Faults

/// One of a configuration file's `proxies`: what it says of a flag server, or a proxy more.
struct ConfigurationProxy {
    /// How the file has it.
    enum Form {
        /// An element of `proxies`.
        case own
        /// An element of Toxiproxy's array, which may lack `listen`.
        case array
        /// As `GET /proxies` prints it: of flag servers, too, it says where they are.
        case listing(name: String)

        var isListing: Bool {
            if case .listing = self { true } else { false }
        }
    }

    private static let keys = [
        "name", "listen", "upstream", "protocol", "enabled", "behavior", "behavior-options",
        "toxics", "max-concurrency", "max-concurrency-per-client", "over-limit", "rate",
        "max-connections",
    ]

    let name: String
    /// Of its name.
    let place: CommandLineError.Place
    /// nil: a proxy more.
    let flagServer: FlagServer?
    /// One of charfinder's; nil: another.
    let charfinder: CharfinderServer?
    /// Whether it says something of the name server.
    let isNameServer: Bool
    /// A port, or in the spellings of `ListenAddress`; empty for a flag server of which it is not
    /// said.
    let listen: String
    /// Empty for a flag server, unless CHAOS is to lead elsewhere.
    let upstream: String
    let `protocol`: ProxyProtocol
    let isEnabled: Bool
    /// That it can be read has been checked; what it answers depends on the options.
    let behavior: String?
    let behaviorOptions: [Behaviour: Behaviour.Options]
    /// nil: not given.
    let toxics: [Toxic]?
    let limits: RequestLimits.Changes

    /// - Parameter folder: where the names of files in it begin; nil if it may name none.
    /// - Throws: `CommandLineError` 78, or 66 for a file that it names.
    init(_ node: ConfigurationNode, _ form: Form = .own, folder: String? = nil) throws {
        let fields = try ConfigurationFields(
            node, "a proxy like {name: db, listen: 9000, upstream: \"db:5432\"}")
        guard let nameNode = try Self.nameNode(fields, form) else {
            throw node.error(
                "a proxy needs a name. Write name: db, or name: error for that server.")
        }
        let name = try Self.name(nameNode)
        let server = FlagServer(rawValue: name.lowercased())
        try fields.check(known: Self.keys, in: "proxy '\(name)'")
        let own = CharfinderServer(named: name)
        (flagServer, charfinder, place) = (server, own, nameNode.place)
        self.name = server?.rawValue ?? own?.rawValue ?? name
        isNameServer = try name == NameServerSettings.proxyName && Self.isOfNames(fields)
        (listen, upstream, `protocol`) =
            try Self.ofServer(fields, server, form, nameNode)
            ?? Self.ofCharfinder(fields, own, form, nameNode)
            ?? Self.ofNameServer(fields, isNameServer, form)
            ?? (
                Self.listen(fields, nameNode, form), Self.upstream(fields, nameNode),
                Self.proxyProtocol(fields["protocol"])
            )
        isEnabled = try fields.flag("enabled") ?? true
        behavior = try Self.behavior(fields["behavior"])
        behaviorOptions = try ConfigurationBehaviors.options(fields["behavior_options"])
        if behavior == nil, let node = fields["behavior_options"] {
            throw node.error("behavior-options of proxy '\(name)' need a behavior beside them.")
        }
        toxics = try fields.list("toxics").map { [`protocol`] in
            try ConfigurationToxic.all($0, proxy: name, protocol: `protocol`, folder: folder)
        }
        limits = try Self.limits(fields)
        if server == nil, !isNameServer { try checkLimits(fields, isListed: form.isListing) }
    }

    private typealias Whereabouts = (
        listen: String, upstream: String, protocol: ProxyProtocol
    )

    /// - Returns: nil if it is no flag server.
    private static func ofServer(
        _ fields: ConfigurationFields, _ server: FlagServer?, _ form: Form,
        _ nameNode: ConfigurationNode
    ) throws -> Whereabouts? {
        guard let server else { return nil }
        guard try isListed(fields, server, form) else {
            try checkFixed(fields, server.label, server.rawValue, of: "ports")
            return ("", "", .http)
        }
        return (
            try listen(fields, nameNode, form),
            server == .chaos ? try upstream(fields, nameNode) : "", .http
        )
    }

    /// - Returns: nil if it is none of charfinder's.
    private static func ofCharfinder(
        _ fields: ConfigurationFields, _ server: CharfinderServer?, _ form: Form,
        _ nameNode: ConfigurationNode
    ) throws -> Whereabouts? {
        guard let server else { return nil }
        guard form.isListing else {
            try checkFixed(fields, server.rawValue, server.word, of: "charfinder")
            return ("", "", server.protocol)
        }
        return (try listen(fields, nameNode, form), "", server.protocol)
    }

    /// - Returns: nil if it is another.
    private static func ofNameServer(
        _ fields: ConfigurationFields, _ isNameServer: Bool, _ form: Form
    ) throws -> Whereabouts? {
        guard isNameServer else { return nil }
        if !form.isListing { try checkFixed(fields) }
        return (try fields.text("listen") ?? "", "", .dns)
    }

    private static func nameNode(
        _ fields: ConfigurationFields, _ form: Form
    ) throws -> ConfigurationNode? {
        guard case .listing(let name) = form else { return fields["name"] }
        guard let node = fields["name"] else {
            return ConfigurationNode(
                content: .scalar(name, isPlain: false), place: fields.node.place)
        }
        guard try node.text() == name else {
            throw node.error("this is the proxy '\(name)'. Give it one name, or none here.")
        }
        return node
    }

    /// Whether a proxy that was printed is that flag server, and no other proxy of its name.
    private static func isListed(
        _ fields: ConfigurationFields, _ server: FlagServer, _ form: Form
    ) throws -> Bool {
        guard case .listing = form else { return false }
        return try server == .chaos || fields.text("upstream") == RegisteredProxy.siteText
    }

    /// Whether a proxy of that name is the name server, as it is printed or as it stands in a file,
    /// and leads nowhere else.
    private static func isOfNames(_ fields: ConfigurationFields) throws -> Bool {
        try fields.text("upstream").map { $0 == RegisteredProxy.namesText } ?? true
    }

    private static func name(_ node: ConfigurationNode) throws -> String {
        let name = try node.text()
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
            name.utf8.count <= ProxySpecification.maximumText
        else { throw node.error("'\(name)' is no name. Use letters, digits, '-' and '_'.") }
        return name
    }

    /// Where a flag server listens and leads is not for its proxy to say.
    ///
    /// - Parameters:
    ///   - server: as people know it.
    ///   - word: what it is called in `option`, which says where it listens.
    private static func checkFixed(
        _ fields: ConfigurationFields, _ server: String, _ word: String, of option: String
    ) throws {
        for (name, key, value) in fields.fields {
            let isOff = name == "enabled" && (try? value.flag()) == false
            guard isOff || ["listen", "upstream", "protocol"].contains(name) else { continue }
            let hint =
                isOff
                ? "Write \(option): {\(word): off}."
                : "Use \(option): {\(word): 9001} for its port, or give this proxy "
                    + "another name."
            let what = isOff ? "enabled: false" : "'\(name)'"
            let kind = option == "ports" ? "a flag server" : "a server of ours"
            throw key.error("\(what) cannot be said of \(server), \(kind). \(hint)")
        }
    }

    /// Where the name server listens is said elsewhere.
    private static func checkFixed(_ fields: ConfigurationFields) throws {
        for (name, key, value) in fields.fields {
            if name == "enabled", (try? value.flag()) == false {
                throw key.error(
                    "enabled: false cannot be said of the name server. Leave dns: out.")
            }
            guard ["listen", "protocol", "behavior"].contains(name) else { continue }
            throw key.error(
                "'\(name)' cannot be said of the name server. Use dns: 5353 for its port, or "
                    + "give this proxy an upstream.")
        }
    }

    // MARK: Where it is

    private static func listen(
        _ fields: ConfigurationFields, _ owner: ConfigurationNode, _ form: Form
    ) throws -> String {
        let isToxiproxy = if case .array = form { true } else { false }
        guard let node = fields["listen"] else {
            guard !isToxiproxy else { return "" }
            throw owner.error("proxy '\(try owner.text())' needs listen, like listen: 9000.")
        }
        let text = try node.text()
        if HostAndPort.port(text) != nil || text.isEmpty && isToxiproxy { return text }
        guard !text.isEmpty, (try? ListenAddress(text)) != nil else {
            throw node.error(
                "'\(text)' is no port or address to listen on. Write 9000, 127.0.0.1:9000 or "
                    + "\"[::1]:9000\".")
        }
        return text
    }

    private static func upstream(
        _ fields: ConfigurationFields, _ owner: ConfigurationNode
    ) throws -> String {
        guard let node = fields["upstream"] else {
            throw owner.error(
                "proxy '\(try owner.text())' needs upstream, like upstream: \"localhost:5432\".")
        }
        let text = try node.text()
        guard ProxyRegistry.isUpstream(text), HostAndPort(text)?.port != 0 else {
            throw node.error("'\(text)' is no backend. Write \"localhost:5432\" or \"[::1]:5432\".")
        }
        return text
    }

    private static func proxyProtocol(_ node: ConfigurationNode?) throws -> ProxyProtocol {
        guard let node else { return .tcp }
        let word = try node.text()
        do {
            return try ProxyOption.proxyProtocol(word)
        } catch let error as CommandLineError {
            throw node.error(error.reason)
        }
    }

    private static func behavior(_ node: ConfigurationNode?) throws -> String? {
        guard let node else { return nil }
        let text = try node.text()
        do throws(FaultError) {
            _ = try BehaviourMix(text, options: [:], errors: nil)
        } catch {
            throw node.error(error.description)
        }
        return text
    }

    // MARK: Limits

    /// `none` takes away what holds for all flag servers.
    private static func limits(_ fields: ConfigurationFields) throws -> RequestLimits.Changes {
        var changes = RequestLimits.Changes()
        changes.maxConcurrency = try limit("max-concurrency", fields, RequestLimitOptions.count)
        changes.overLimit = try limit("over-limit", fields, RequestLimitOptions.overLimit)
        changes.rate = try limit("rate", fields, RequestLimitOptions.rate)
        changes.maxConcurrencyPerClient = try limit(
            "max-concurrency-per-client", fields, RequestLimitOptions.count)
        changes.maxConnections = try limit("max-connections", fields, RequestLimitOptions.count)
        return changes
    }

    private static func limit<Value>(
        _ name: String, _ fields: ConfigurationFields, _ read: (String, String) throws -> Value
    ) throws -> Value?? {
        guard let node = fields[name] else { return nil }
        let text = try node.text()
        guard text != "none" else { return .some(nil) }
        do {
            return try read(text, name)
        } catch let error as CommandLineError {
            throw node.error(error.reason)
        }
    }

    /// - Parameter isListed: it is as a running server says.
    private func checkLimits(_ fields: ConfigurationFields, isListed: Bool) throws {
        let limits = RequestLimits().applying(limits)
        if let reason = Self.problem(limits, on: `protocol`, name, isListed: isListed) {
            let names = ["over-limit", "max-concurrency", "rate"]
            throw (names.compactMap { fields[$0] }.first ?? fields.node).error(reason)
        }
    }

    /// Why limits cannot be; nil if they can.
    static func problem(
        _ limits: RequestLimits, on protocol: ProxyProtocol, _ name: String,
        isListed: Bool = false
    ) -> String? {
        if !isListed, RequestLimitOptions.isWithoutLimit(limits) {
            return "over-limit of proxy '\(name)' says nothing without a limit. Give one: "
                + "max-concurrency: 5."
        }
        do throws(ProxyError) {
            try ProxySpecification.check(limits, on: `protocol`)
            return nil
        } catch {
            return "\(error)."
        }
    }
}
