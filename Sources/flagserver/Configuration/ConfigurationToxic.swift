import ChaosProxy
import Faults

/// A toxic of a configuration file: flat, with units as in `--toxic`, or in Toxiproxy's form, with
/// `attributes` in Toxiproxy's own units. `ToxicReading` reads it; here it gets its places.
struct ConfigurationToxic {
    private let fields: ConfigurationFields
    private let reading: ToxicReading
    /// The script that it names.
    private let file: ScriptFile?
    /// In whose list it is.
    private let proxy: String

    private init(_ node: ConfigurationNode, proxy: String, folder: String?) throws {
        fields = try ConfigurationFields(node, "a toxic like {type: latency, latency: 200ms}")
        var values = try fields.fields.map { field in
            // The keys of fields of a message are as they are written.
            let depth = ToxicReading.verbatim.contains(field.name) ? 2 : 1
            return ToxicField(field.name, try Self.value(field.value, depth: depth))
        }
        do {
            file = try ScriptFile.read(in: &values, folder: folder)
        } catch let error as CommandLineError where error.place == nil {
            throw CommandLineError(
                error.status, error.reason, at: (fields["file"] ?? fields.node).place)
        }
        reading = ToxicReading(values, as: .file)
        self.proxy = proxy
    }

    /// All of a proxy, in their order. Those without a name have `<type>_<stream>`, or that with a
    /// number if it is taken.
    ///
    /// - Parameter folder: where the names of files in them begin; nil if they may name none.
    static func all(
        _ nodes: [ConfigurationNode], proxy: String, protocol: ProxyProtocol, folder: String?
    ) throws -> [Toxic] {
        guard nodes.count <= ProxySpecification.maximumToxics else {
            throw nodes[ProxySpecification.maximumToxics].error(
                "proxy '\(proxy)' has more than \(ProxySpecification.maximumToxics) toxics.")
        }
        let toxics = try nodes.map { try ConfigurationToxic($0, proxy: proxy, folder: folder) }
        var names: Set<String> = []
        for toxic in toxics {
            guard
                let name = try toxic.located({ () throws(ToxicError) in
                    try toxic.reading.name()
                })
            else { continue }
            guard names.insert(name).inserted else {
                throw (toxic.fields["name"] ?? toxic.fields.node).error(
                    "proxy '\(proxy)' has a toxic '\(name)' already.")
            }
        }
        return try toxics.map { try $0.toxic(on: `protocol`, taken: &names) }
    }

    private func toxic(
        on protocol: ProxyProtocol, taken names: inout Set<String>
    ) throws -> Toxic {
        try located { () throws(ToxicError) in
            let toxic = try reading.toxic { Self.free($0, &names) }
            try toxic.check(on: `protocol`.abilities)
            return toxic
        }
    }

    private static func free(_ name: String, _ names: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !names.insert(candidate).inserted {
            candidate = "\(name)_\(number)"
            number += 1
        }
        return candidate
    }

    // MARK: Values

    /// - Parameter depth: keys of the toxic itself and those one level below are ours, and may have
    ///   hyphens or underscores.
    private static func value(
        _ node: ConfigurationNode, depth: Int = 1
    ) throws -> ToxicValue {
        switch node.content {
        case .scalar(let text, _):
            if node.isNull { return .null }
            return (try? node.flag()).map { .flag($0) } ?? .text(text)
        case .list(let elements): return .list(try elements.map { try value($0, depth: depth + 1) })
        case .mapping(let pairs):
            let fields = try ConfigurationFields(node, "a mapping").fields
            return .mapping(
                try zip(fields, pairs).map { field, pair in
                    ToxicField(
                        depth == 1 ? field.name : pair.key.asWritten,
                        try value(field.value, depth: depth + 1))
                })
        }
    }

    // MARK: Places

    private func located<Value>(
        _ body: () throws(ToxicError) -> Value
    ) throws -> Value {
        do throws(ToxicError) {
            return try body()
        } catch {
            throw place(error)
        }
    }

    private func place(_ error: ToxicError) -> CommandLineError {
        if let file, case .script(let mistake) = error.reason { return file.located(mistake) }
        guard let (owner, key, value) = find(error.path) else {
            if case .unknownType(nil) = error.reason {
                return fields.node.error(
                    "a toxic of proxy '\(proxy)' needs a type, like type: latency.")
            }
            return (fields["type"] ?? fields.node).error(error.description)
        }
        switch error.reason {
        case .unknownKey(_, let known): return owner.unknown(key, known, in: words(error.path))
        case .mismatch(_, .mapping):
            let examples = ["match": "path: \"/flags/br/*\"", "headers": "X-Test: a"]
            let example = error.path.last.flatMap { examples[$0] } ?? "latency: 1000"
            return value.expected("a mapping like {\(example)}")
        case .mismatch: return Self.mismatch(value)
        case .unknownType, .unknownStream, .script, .invalid:
            return value.error(error.description)
        }
    }

    /// The last key of a path, with whose it is.
    private func find(
        _ path: [String]
    ) -> (owner: ConfigurationFields, key: ConfigurationNode, value: ConfigurationNode)? {
        var owner = fields
        for name in path.dropLast() {
            guard let node = owner[name], let inner = try? ConfigurationFields(node, "a mapping")
            else { return nil }
            owner = inner
        }
        let name = path.last.map(ConfigurationFields.underscored)
        return owner.fields.first { $0.name == name }.map { (owner, $0.key, $0.value) }
    }

    /// Whose key it is.
    private func words(_ path: [String]) -> String {
        let type = (try? fields["type"]?.text())?.lowercased() ?? ""
        let toxic = "toxic '\(type)' of proxy '\(proxy)'"
        return path.count > 1 && path[0] == "match" ? "match of \(toxic)" : toxic
    }

    /// In the words of the node, which knows what YAML takes it for.
    private static func mismatch(_ node: ConfigurationNode) -> CommandLineError {
        do {
            return node.error("'\(try node.text())' is of the wrong kind.")
        } catch {
            return error as? CommandLineError ?? node.expected("text")
        }
    }
}
