import ChaosProxy
import ControlAPI
import Faults

/// A toxic of a configuration file: flat, with units as in `--toxic`, or in Toxiproxy's form, with
/// `attributes` in Toxiproxy's own units.
struct ConfigurationToxic {
    private static let keys = [
        "type", "name", "stream", "toxicity", "exchanges", "per", "match", "attributes",
    ]
    private static let longestPattern = 1024

    private let fields: ConfigurationFields
    private let type: FaultType
    private let typeNode: ConfigurationNode
    /// For messages.
    private let owner: String

    /// - Parameter proxy: in whose list it is.
    init(_ node: ConfigurationNode, proxy: String) throws {
        fields = try ConfigurationFields(node, "a toxic like {type: latency, latency: 200ms}")
        guard let typeNode = fields["type"] else {
            throw node.error("a toxic of proxy '\(proxy)' needs a type, like type: latency.")
        }
        let word = try typeNode.text()
        do {
            type = try ToxicOption.type(word)
        } catch let error as CommandLineError {
            throw typeNode.error(error.reason)
        }
        self.typeNode = typeNode
        owner = "toxic '\(type.rawValue)' of proxy '\(proxy)'"
    }

    /// All of a proxy, in their order. Those without a name have `<type>_<stream>`, or that with a
    /// number if it is taken.
    static func all(
        _ nodes: [ConfigurationNode], proxy: String, protocol: ProxyProtocol
    ) throws -> [Toxic] {
        guard nodes.count <= ProxySpecification.maximumToxics else {
            throw nodes[ProxySpecification.maximumToxics].error(
                "proxy '\(proxy)' has more than \(ProxySpecification.maximumToxics) toxics.")
        }
        let toxics = try nodes.map { try ConfigurationToxic($0, proxy: proxy) }
        var names: Set<String> = []
        for toxic in toxics {
            guard let node = toxic.fields["name"], let name = try toxic.name() else { continue }
            guard names.insert(name).inserted else {
                throw node.error("proxy '\(proxy)' has a toxic '\(name)' already.")
            }
        }
        return try toxics.map { try $0.toxic(on: `protocol`, taken: &names) }
    }

    private func name() throws -> String? {
        guard let node = fields["name"] else { return nil }
        let name = try node.text()
        // Toxiproxy takes an empty one for none.
        guard !name.isEmpty else { return nil }
        guard name.utf8.count <= ProxySpecification.maximumText else {
            throw node.error("a name has at most \(ProxySpecification.maximumText) bytes.")
        }
        return name
    }

    private func toxic(
        on protocol: ProxyProtocol, taken names: inout Set<String>
    ) throws -> Toxic {
        let match = try match()
        let stream = try stream()
        let fault = try fault()
        let toxic = Toxic(
            fault, stream: stream,
            toxicity: .random(
                try value("toxicity") { text throws(FaultError) in
                    try ToxicQuantity.probability(text)
                } ?? .always),
            name: try name() ?? Self.free("\(type.rawValue)_\(stream.rawValue)", &names),
            exchanges: try exchanges(), match: match)
        do throws(ProxyError) {
            try ProxySpecification.check([toxic], on: `protocol`)
        } catch {
            let isMatch = "\(error)".hasPrefix("invalid match")
            throw (isMatch ? fields["match"] ?? typeNode : typeNode).error("\(error).")
        }
        return toxic
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

    // MARK: What every toxic has

    /// - Throws: `CommandLineError` that names the key, in place of `FaultError`.
    private func value<Value>(
        _ key: String, _ read: (String) throws(FaultError) -> Value
    ) throws -> Value? {
        guard let node = fields[key] else { return nil }
        return try Self.read(node, key, read)
    }

    private static func read<Value>(
        _ node: ConfigurationNode, _ key: String, _ read: (String) throws(FaultError) -> Value
    ) throws -> Value {
        let text = try node.text()
        do throws(FaultError) {
            return try read(text)
        } catch {
            let isNamed = error.description.hasPrefix(key)
            throw node.error(isNamed ? error.description : "\(key): \(error.description)")
        }
    }

    private func stream() throws -> Toxic.Stream {
        guard let node = fields["stream"] else {
            return type == .respond ? .upstream : .downstream
        }
        let word = try node.text()
        guard let stream = Toxic.Stream(rawValue: word.lowercased()) else {
            throw node.error(
                "stream '\(word)': write upstream or downstream."
                    + Suggestion.hint(for: word.lowercased(), in: ["upstream", "downstream"]))
        }
        guard type != .respond || stream == .upstream else {
            throw node.error("stream '\(word)': respond belongs to the upstream.")
        }
        return stream
    }

    private func exchanges() throws -> ExchangeRange? {
        var counting = ExchangeRange.Counting.target
        if let node = fields["per"] {
            let word = try node.text()
            guard let known = ExchangeRange.Counting(rawValue: word.lowercased()) else {
                throw node.error("per '\(word)': write target or proxy.")
            }
            guard fields["exchanges"] != nil else {
                throw node.error("per says how exchanges: 1...2 are counted, which is missing.")
            }
            counting = known
        }
        return try value("exchanges") { text throws(FaultError) in
            try ExchangeRange(text, counting: counting)
        }
    }

    // MARK: Match

    private func match() throws -> Match? {
        guard let node = fields["match"], !node.isNull else { return nil }
        let fields = try ConfigurationFields(node, "a mapping like {path: \"/flags/br/*\"}")
        let keys = ["path", "method", "header", "client", "request"]
        try fields.check(known: keys, in: "match of \(owner)")
        var match = Match()
        match.path = try Self.pattern(fields["path"])
        match.method = try Self.pattern(fields["method"])
        match.header = try fields["header"].map(Self.header)
        match.client = try fields["client"].map { node in
            try Self.read(node, "client") { text throws(FaultError) in
                try ToxicOption.client(text)
            }
        }
        match.request = try fields["request"].map { node in
            try Self.read(node, "request") { text throws(FaultError) in try ExchangeRange(text) }
        }
        return match == Match() ? nil : match
    }

    private static func pattern(_ node: ConfigurationNode?) throws -> String? {
        guard let node else { return nil }
        let text = try node.text()
        guard !text.isEmpty else { throw node.error("an empty pattern matches nothing.") }
        guard text.utf8.count <= longestPattern else {
            throw node.error("a pattern has at most \(longestPattern) bytes.")
        }
        return text
    }

    /// `{name: pattern}`, `name: pattern` as text, or a name alone.
    private static func header(_ node: ConfigurationNode) throws -> HeaderMatch {
        if case .mapping(let pairs) = node.content {
            guard let (key, value) = pairs.first, pairs.count == 1 else {
                throw node.error("a toxic looks at one header field. Write {x-test: \"a*\"}.")
            }
            return HeaderMatch(
                name: try fieldName(key.text(), key), value: try pattern(value))
        }
        let text = try pattern(node) ?? ""
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1]).trimmed : ""
        return HeaderMatch(
            name: try fieldName(String(parts[0]).trimmed, node),
            value: value.isEmpty ? nil : value)
    }

    private static func fieldName(_ name: String, _ node: ConfigurationNode) throws -> String {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw node.error("'\(name)' is no name of a header field. Write {x-test: \"a*\"}.")
        }
        return name
    }

    // MARK: The fault

    /// A value and where it stands.
    private typealias Given = (quantity: Quantity, node: ConfigurationNode)

    private func fault() throws -> Fault {
        var given = try flatAttributes()
        if let node = fields["attributes"], !node.isNull {
            for (name, value) in try toxiproxyAttributes(node) {
                guard given.updateValue(value, forKey: name) == nil else {
                    throw node.error("'\(name)' is given beside attributes, too. Keep one.")
                }
            }
        }
        do throws(FaultError) {
            return try Fault(type, given.mapValues(\.quantity))
        } catch {
            throw (culprit(error, given) ?? typeNode).error(error.description)
        }
    }

    /// The value that is wrong whatever the others are.
    private func culprit(_ error: FaultError, _ given: [String: Given]) -> ConfigurationNode? {
        given.first { name, value in
            do throws(FaultError) {
                _ = try Fault(type, [name: value.quantity])
                return false
            } catch let other {
                return other.description == error.description
            }
        }?.value.node
    }

    private var attributeNames: [String] {
        type.attributes.map(\.name).filter { $0 != "<status>" }
    }

    /// Whose values have units.
    private func flatAttributes() throws -> [String: Given] {
        var attributes: [String: Given] = [:]
        for (name, key, value) in fields.fields where !Self.keys.contains(name) {
            if type == .respond, name == "statuses" {
                for (status, weight) in try statuses(value) {
                    attributes[status] = (weight, value)
                }
                continue
            }
            let attribute = try attribute(name, key, Self.keys)
            attributes[attribute.unit == .weight ? name : attribute.name] = (
                try quantity(value, attribute, isToxiproxy: false), value
            )
        }
        return attributes
    }

    /// In Toxiproxy's units: milliseconds, bytes, kilobytes a second.
    private func toxiproxyAttributes(_ node: ConfigurationNode) throws -> [String: Given] {
        let given = try ConfigurationFields(node, "a mapping like {latency: 1000}")
        var attributes: [String: Given] = [:]
        for (name, key, value) in given.fields where !value.isNull {
            let attribute = try attribute(name, key, [])
            attributes[attribute.unit == .weight ? name : attribute.name] = (
                try quantity(value, attribute, isToxiproxy: true), value
            )
        }
        return attributes
    }

    private func attribute(
        _ name: String, _ key: ConfigurationNode, _ others: [String]
    ) throws -> Attribute {
        guard let attribute = type.attribute(named: name) else {
            let own = attributeNames + (type == .respond ? ["statuses"] : [])
            throw fields.unknown(key, own + others, in: owner)
        }
        return attribute
    }

    private func quantity(
        _ node: ConfigurationNode, _ attribute: Attribute, isToxiproxy: Bool
    ) throws -> Quantity {
        if attribute.unit == .flag, let isSet = try? node.flag() {
            return .number(isSet ? 1 : 0)
        }
        return try Self.read(node, attribute.name) { text throws(FaultError) in
            isToxiproxy
                ? try ToxicQuantity.plain(text, of: attribute)
                : try ToxicQuantity.quantity(text, of: attribute)
        }
    }

    /// `{418: 1, 503: 3}`, `[418, 503]` or `418=1,503=3`.
    private func statuses(_ node: ConfigurationNode) throws -> [(String, Quantity)] {
        let hint = "Write [418, 503] or, with weights, {418: 3, 503: 1}."
        let text: String
        switch node.content {
        case .scalar: text = try node.text()
        case .list(let elements):
            text = try elements.map { try $0.text() }.joined(separator: ",")
        case .mapping(let pairs):
            text = try pairs.map { try "\($0.key.text())=\($0.value.text())" }
                .joined(separator: ",")
        }
        do {
            return try OptionValues.statuses(text, option: "statuses").map {
                ("\($0.status.code)", .number(Int64($0.weight)))
            }
        } catch {
            throw node.error("statuses '\(text)' are none, each from 200 to 599. \(hint)")
        }
    }
}
