import ChaosProxy
import EventLoop
import Faults
import Glibc
import Names

/// A configuration file, read and checked as far as it can be without the command line.
///
/// Its keys are the long names of the options, and `proxies`. A file that is a list is Toxiproxy's
/// array of proxies; one whose keys are all names of proxies is what `GET /proxies` prints.
struct Configuration {
    /// A value of an option, or a flag that is on.
    struct Option {
        let name: String
        /// nil: a flag.
        let value: String?
        let place: CommandLineError.Place

        /// As it would be typed.
        var argument: String { value.map { "--\(name)=\($0)" } ?? "--\(name)" }
    }

    /// As it was given.
    let path: String
    /// Where the names of files in it begin; nil if it may name none.
    let folder: String?
    private(set) var options: [Option] = []
    private(set) var proxies: [ConfigurationProxy] = []
    /// Those of the name server.
    private(set) var names: [ZoneEntry] = []
    /// Options that a file cannot give.
    private static let notKeys = ["config", "help", "version"]

    static var keys: [String] {
        (EnvironmentTwins.options + EnvironmentTwins.lists + EnvironmentTwins.flags)
            .filter { !notKeys.contains($0) } + ["proxies"]
    }

    /// - Throws: `CommandLineError` for the first mistake: 66 if the file cannot be read, else 78.
    init(path: String) throws {
        guard WholeFile.isThere(path) else { throw Self.missing(path) }
        guard !FixtureDirectory.isDirectory(path) else { throw Self.directory(path) }
        try self.init(
            try ConfigurationSyntax.read(path), path: path, folder: ScriptFile.folder(of: path))
    }

    /// - Parameters:
    ///   - root: nil for an empty file.
    ///   - folder: where the names of files in it begin; nil if it may name none.
    init(_ root: ConfigurationNode?, path: String, folder: String? = nil) throws {
        (self.path, self.folder) = (path, folder)
        guard let root else { return }
        guard !root.isList else {
            proxies = try Self.proxies(try root.list(), folder) { _ in .array }
            return
        }
        if let listing = ConfigurationListing(root) {
            proxies = try Self.proxies(listing.proxies, folder) {
                .listing(name: listing.names[$0])
            }
            options = try ConfigurationListing.options(proxies)
            return
        }
        let fields = try ConfigurationFields(root, "options like seed: 42, or a list of proxies")
        if let error = read(fields).min(by: { Self.isEarlier($0, $1) }) { throw error }
    }

    private static func isEarlier(_ left: CommandLineError, _ right: CommandLineError) -> Bool {
        guard let leftPlace = left.place, let rightPlace = right.place else { return false }
        return leftPlace < rightPlace
    }

    private static func missing(_ path: String) -> CommandLineError {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        let names = FixtureDirectory.entries(folder.isEmpty ? "." : folder) ?? []
        let hint = Suggestion.hint(for: parts.last.map(String.init) ?? "", in: names)
        return CommandLineError(
            .missingInput, "configuration file '\(path)' does not exist.\(hint)")
    }

    private static func directory(_ path: String) -> CommandLineError {
        let file = (FixtureDirectory.entries(path) ?? []).first { name in
            [".yaml", ".yml", ".json"].contains(where: name.hasSuffix)
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        let hint = file.map { " Did you mean '\(folder)\($0)'?" } ?? ""
        return CommandLineError(
            .missingInput, "configuration file '\(path)' is a directory.\(hint)")
    }

    // MARK: Reading

    /// - Returns: the first mistake of each key, as far as it shows without the others.
    private mutating func read(_ fields: ConfigurationFields) -> [CommandLineError] {
        var errors: [CommandLineError] = []
        for field in fields.fields {
            do {
                if field.name == "proxies" {
                    proxies = try Self.proxies(try field.value.list(), folder) { _ in .own }
                } else if field.name == NameServerSettings.proxyName {
                    let read = try ConfigurationNames(field.value)
                    names = read.entries
                    options.append(
                        Option(name: field.name, value: read.option, place: field.value.place))
                } else {
                    options += try Self.options(field.name, field.key, field.value, fields)
                        .map(rebased)
                }
            } catch let error as CommandLineError {
                errors.append(error)
            } catch {
                errors.append(field.key.error("\(error)"))
            }
        }
        return errors + [ConfigurationCheck.firstError(in: options)].compactMap(\.self)
    }

    private func rebased(_ option: Option) -> Option {
        guard option.name == "toxic", let folder, let value = option.value else { return option }
        return Option(
            name: option.name, value: ScriptFile.rebased(value, folder: folder),
            place: option.place)
    }

    private static func proxies(
        _ nodes: [ConfigurationNode], _ folder: String?, _ form: (Int) -> ConfigurationProxy.Form
    ) throws -> [ConfigurationProxy] {
        guard nodes.count <= ProxyRegistry.maximumProxies else {
            throw nodes[ProxyRegistry.maximumProxies].error(
                "there are at most \(ProxyRegistry.maximumProxies) proxies.")
        }
        var names: Set<String> = []
        var listeners: [UInt16: [(name: String, address: ListenAddress)]] = [:]
        return try nodes.enumerated().map { index, node in
            let proxy = try ConfigurationProxy(node, form(index), folder: folder)
            guard names.insert(proxy.name).inserted else {
                throw CommandLineError(
                    .configuration, "there is a proxy '\(proxy.name)' already.", at: proxy.place)
            }
            if let address = proxy.listenAddress, address.port != 0 {
                let port = address.port
                if let other = listeners[port]?.first(where: { overlap($0.address, address) }) {
                    throw CommandLineError(
                        .configuration,
                        "proxies '\(other.name)' and '\(proxy.name)' cannot share port \(port).",
                        at: proxy.place)
                }
                listeners[port, default: []].append((name: proxy.name, address: address))
            }
            return proxy
        }
    }

    /// Whether nobody can listen on both at once, their ports being the same.
    private static func overlap(_ left: ListenAddress, _ right: ListenAddress) -> Bool {
        if left.hosts == .all || right.hosts == .all { return true }
        return left.addresses.contains { right.addresses.contains($0) }
    }

    private static func options(
        _ name: String, _ key: ConfigurationNode, _ value: ConfigurationNode,
        _ fields: ConfigurationFields
    ) throws -> [Option] {
        guard !notKeys.contains(name) else {
            throw key.error("'\(name)' cannot stand in a configuration file.")
        }
        guard let known = keys.first(where: { ConfigurationFields.underscored($0) == name }) else {
            throw fields.unknown(key, keys, in: nil)
        }
        return try values(known, value)
    }

    private static func values(_ name: String, _ node: ConfigurationNode) throws -> [Option] {
        if EnvironmentTwins.flags.contains(name) {
            return try node.flag() ? [Option(name: name, value: nil, place: node.place)] : []
        }
        if EnvironmentTwins.lists.contains(name), node.isList || node.isNull {
            return try node.list().map { try option(name, $0) }
        }
        return [try option(name, node)]
    }

    /// What cannot be the option's value, quoted or not, is told as the option tells it.
    private static func option(_ name: String, _ node: ConfigurationNode) throws -> Option {
        do {
            return Option(name: name, value: try text(name, node), place: node.place)
        } catch {
            guard node.boolean != nil, case .scalar(let word, _) = node.content else { throw error }
            let option = Option(name: name, value: word, place: node.place)
            throw ConfigurationCheck.firstError(in: [option]) ?? error
        }
    }

    /// Ports and statuses may be a list or a mapping as well.
    static func text(_ name: String, _ node: ConfigurationNode) throws -> String {
        let words =
            name == "charfinder"
            ? ["on", "off"] : ["ports", "control"].contains(name) ? ["off"] : []
        if ["toxic", "proxy"].contains(name), case .mapping = node.content {
            throw node.error(
                "expected text as on the command line, found a mapping. Mappings belong in "
                    + "proxies.")
        }
        guard ["ports", "error-status", "charfinder"].contains(name) else {
            return try node.text(orPlain: words)
        }
        switch node.content {
        case .scalar: return try node.text(orPlain: words)
        case .list(let elements):
            return try elements.map { try $0.text(orPlain: words) }.joined(separator: ",")
        case .mapping(let pairs):
            return try pairs.map { "\(try $0.key.text())=\(try $0.value.text(orPlain: words))" }
                .joined(separator: ",")
        }
    }
}

extension ConfigurationProxy {
    /// nil for a flag server, and for any port.
    var listenAddress: ListenAddress? {
        guard flagServer == nil, charfinder == nil, !listen.isEmpty else { return nil }
        if let port = HostAndPort.port(listen) { return ListenAddress(.loopbacks, port: port) }
        return try? ListenAddress(listen)
    }
}
