import Faults
import Records

/// What a world is asked to be: keys of a configuration file, and a few of its own.
struct WorldRequest {
    /// How messages call it where a file would have its name.
    private static let path = "body"
    /// Longest name in bytes.
    private static let maximumName = 200
    static let standardRing = 1000
    private static let ownKeys = ["name", "ttl", "ring", "ports", "seed"]
    private static let maximumTTL: Nanoseconds = 86_400_000_000_000

    /// nil: any.
    private(set) var name: String?
    /// For how long nobody may ask for it, in nanoseconds.
    private(set) var ttl: Nanoseconds = 600_000_000_000
    /// How many records it keeps.
    private(set) var ring = Self.standardRing
    let settings: Settings

    /// - Parameters:
    ///   - body: JSON or YAML; empty for none of it.
    ///   - daemon: what it has where it says nothing.
    /// - Throws: `CommandLineError` with the place of the first mistake.
    init(_ body: [UInt8], daemon: Settings) throws {
        let root = try ConfigurationSyntax.parse(body, path: Self.path)
        var options = Self.inherited(daemon)
        guard let root else {
            var settings = try Settings(checking: options, nil, nil)
            settings.inherit(names: daemon.names?.entries ?? [])
            self.settings = settings
            return
        }
        let fields = try ConfigurationFields(root, "keys like \"seed\": 42")
        try Self.check(fields)
        name = try fields["name"].map(Self.name)
        ttl = try fields["ttl"].map(Self.ttl) ?? ttl
        ring = try fields["ring"].map(Self.ring) ?? ring
        if let seed = fields["seed"] { options.faults.seed = try Self.seed(seed) }
        if let ports = fields["ports"] {
            options.servers.ports = try Self.ports(ports, of: daemon)
        }
        let configuration = try Configuration(Self.without(Self.ownKeys, root), path: Self.path)
        for option in WorldOption.all {
            let values = configuration.options.filter { $0.name == option.name }
            if !values.isEmpty { option.apply(&options, values) }
        }
        var settings = try Self.settings(options, configuration)
        settings.inherit(names: daemon.names?.entries ?? [])
        self.settings = settings
    }

    /// The daemon's options on free ports: not its toxics, mixes and proxies.
    private static func inherited(_ daemon: Settings) -> ServeOptions {
        var options = daemon.options
        options.servers.ports = FlagServer.allCases.map { name in
            "\(name.rawValue)=\(daemon.ports[name] == nil ? "off" : "0")"
        }.joined(separator: ",")
        options.servers.charfinder = daemon.charfinder.map { daemon in
            CharfinderServer.allCases.map { server in
                "\(server.word)=\(daemon[server] == nil ? "off" : "0")"
            }.joined(separator: ",") + ",edition=\(daemon.edition.rawValue)"
        }
        options.servers.dns = daemon.names == nil ? "off" : "0"
        options.faults.seed = daemon.seed
        options.faults.toxic = []
        (options.proxies.proxy, options.proxies.behavior) = ([], nil)
        options.control.control = "0"
        (options.control.readyFile, options.control.journal) = (nil, nil)
        return options
    }

    /// A mistake that shows only in all of it together.
    private static func settings(
        _ options: ServeOptions, _ configuration: Configuration
    ) throws -> Settings {
        do {
            return try Settings(checking: options, configuration, nil)
        } catch let error as CommandLineError where error.place == nil {
            throw CommandLineError(error.status, error.reason.replacing("--", with: ""))
        }
    }

    // MARK: Keys

    private static func check(_ fields: ConfigurationFields) throws {
        let known = ownKeys + WorldOption.all.map(\.name) + ["proxies"]
        let names = Set(known.map(ConfigurationFields.underscored))
        for field in fields.fields where !names.contains(field.name) {
            if Configuration.keys.map(ConfigurationFields.underscored).contains(field.name) {
                throw field.key.error(
                    "'\(field.name)' is the daemon's: a world cannot have one of its own.")
            }
            throw fields.unknown(field.key, known, in: nil)
        }
    }

    private static func without(
        _ names: [String], _ root: ConfigurationNode
    ) -> ConfigurationNode {
        guard case .mapping(let pairs) = root.content else { return root }
        let rest = pairs.filter { key, _ in
            guard case .scalar(let text, _) = key.content else { return true }
            return !names.contains(text)
        }
        return ConfigurationNode(content: .mapping(rest), place: root.place)
    }

    // MARK: Values

    private static func name(_ node: ConfigurationNode) throws -> String {
        let text = try node.text()
        let isPrintable = text.unicodeScalars.allSatisfy {
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
                $0.properties.generalCategory)
        }
        // A path cannot end with these two.
        let isReachable = text != "." && text != ".."
        guard !text.isEmpty, isPrintable, isReachable, text.utf8.count <= maximumName else {
            throw node.error(
                "a world's name is visible text of 1 to \(maximumName) bytes.")
        }
        return text
    }

    private static func ttl(_ node: ConfigurationNode) throws -> Nanoseconds {
        let text = try node.text()
        guard let time = try? OptionValues.time(text, option: "ttl"),
            (1_000_000_000...maximumTTL).contains(time)
        else { throw node.error("ttl '\(text)' is no time from 1s to 24h. Write 10m or 600.") }
        return time
    }

    private static func ring(_ node: ConfigurationNode) throws -> Int {
        let text = try node.text()
        guard let count = Int(text), (1...1_000_000).contains(count) else {
            throw node.error("ring '\(text)' is no number of records from 1 to 1000000.")
        }
        return count
    }

    private static func seed(_ node: ConfigurationNode) throws -> UInt64 {
        let text = try node.text()
        guard let seed = UInt64(text) else {
            throw node.error("seed '\(text)' is no whole number like 42.")
        }
        return seed
    }

    /// Only free ports, and servers that are on in the daemon.
    private static func ports(_ node: ConfigurationNode, of daemon: Settings) throws -> String {
        let text = try Configuration.text("ports", node)
        let wanted: Ports
        do {
            wanted = try Ports(text, defaults: free(daemon))
        } catch let error as CommandLineError {
            throw node.error(error.reason.replacing("--ports", with: "ports"))
        }
        for name in FlagServer.allCases {
            guard let port = wanted[name] else { continue }
            guard port == 0 else {
                throw node.error("ports: a world has free ports. Write 0 or off, not \(port).")
            }
        }
        return FlagServer.allCases.map { name in
            let isOn = wanted[name] != nil && daemon.ports[name] != nil
            return "\(name.rawValue)=\(isOn ? "0" : "off")"
        }.joined(separator: ",")
    }

    private static func free(_ daemon: Settings) throws -> Ports {
        try Ports(inherited(daemon).servers.ports ?? "0", defaults: daemon.ports)
    }
}
