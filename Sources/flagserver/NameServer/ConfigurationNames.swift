import Faults
import Names

/// `dns` of a configuration file: a port, names, or both.
struct ConfigurationNames {
    private static let keys = ["name", "a", "aaaa", "cname", "ttl"]

    /// As it would be typed: a port, `on` or `off`.
    let option: String
    private(set) var entries: [ZoneEntry] = []

    /// - Throws: `CommandLineError` 78 with the place of the first mistake.
    init(_ node: ConfigurationNode) throws {
        switch node.content {
        case .scalar:
            if let boolean = node.boolean {
                option = boolean ? "on" : "off"
            } else {
                option = try node.text()
            }
        case .list(let nodes):
            option = "on"
            entries = try Self.entries(nodes)
        case .mapping:
            let fields = try ConfigurationFields(node, "a port and names")
            try fields.check(known: ["port", "names"], in: "dns")
            option = try fields.text("port", orPlain: ["on", "off"]) ?? "on"
            entries = try Self.entries(try fields.list("names") ?? [])
        }
    }

    private static func entries(_ nodes: [ConfigurationNode]) throws -> [ZoneEntry] {
        let entries = try nodes.map(entry)
        do throws(ZoneError) {
            // With other flags there are other countries: then the zone itself is what is checked.
            _ = try Zone(countries: BuiltInFixtures.codes, entries: entries)
        } catch {
            let index = entries.lastIndex { $0.name == error.name }
            throw (index.map { nodes[$0] } ?? nodes[0]).error("dns: \(error)")
        }
        return entries
    }

    private static func entry(_ node: ConfigurationNode) throws -> ZoneEntry {
        let fields = try ConfigurationFields(node, "a name like {name: def.dev, a: [127.0.0.1]}")
        try fields.check(known: keys, in: "a name of dns")
        guard let name = fields["name"] else {
            throw node.error("a name is missing. Write {name: def.dev, a: [127.0.0.1]}.")
        }
        var entry = ZoneEntry(try Self.name(name))
        entry.addresses4 = try addresses(fields["a"], count: 4, like: "127.0.0.1")
        entry.addresses6 = try addresses(fields["aaaa"], count: 16, like: "\"::1\"")
        entry.canonicalName = try fields["cname"].map(Self.name)
        if let time = fields["ttl"] { entry.timeToLive = try Self.time(time) }
        return entry
    }

    private static func name(_ node: ConfigurationNode) throws -> DomainName {
        // Norway's is none.
        let text = node.boolean == nil ? try node.text() : node.asWritten
        do throws(ZoneError) {
            return try DomainName(text)
        } catch {
            throw node.error("\(error)")
        }
    }

    /// One address, or a list of them.
    private static func addresses(
        _ node: ConfigurationNode?, count: Int, like example: String
    ) throws -> [[UInt8]] {
        guard let node else { return [] }
        return try (node.isList ? node.list() : [node]).map { node in
            let text = try node.text()
            guard let bytes = bytes(of: text, count: count) else {
                let version = count == 4 ? "IPv4" : "IPv6"
                throw node.error("'\(text)' is no \(version) address. Write one like \(example).")
            }
            return bytes
        }
    }

    /// What has a colon is of IPv6, even if it stands for an address of IPv4 (RFC 4291 §2.5.5.2).
    private static func bytes(of text: String, count: Int) -> [UInt8]? {
        guard text.contains(":") == (count == 16), !text.contains("%"),
            let bytes = AddressRange.bytes(text)
        else { return nil }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        return bytes.count < count ? mapped + bytes : bytes
    }

    /// Whole seconds, as messages have them.
    private static func time(_ node: ConfigurationNode) throws -> UInt32 {
        let text = try node.text()
        if let seconds = UInt32(text) { return seconds }
        guard let time = try? OptionValues.time(text, option: "ttl"),
            time.isMultiple(of: 1_000_000_000), let seconds = UInt32(exactly: time / 1_000_000_000)
        else { throw node.error("ttl '\(text)' is no number of seconds. Write 30 or 30s.") }
        return seconds
    }
}
