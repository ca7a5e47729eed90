import ChaosProxy
import Faults

/// A proxy as JSON: Toxiproxy's keys, and ours where they say anything.
enum ProxyCoding {
    private static let peerKeys = ["name", "listen", "upstream", "enabled", "toxics"]
    private static let ownKeys =
        ["protocol", "behavior", BehaviourOptionsCoding.key] + LimitsCoding.keys

    static func json(_ found: RegisteredProxy) -> JSONValue {
        let proxy = found.proxy
        var members = [
            JSONValue.Member("name", .string(found.name)),
            JSONValue.Member("listen", .string(found.listenText)),
            JSONValue.Member("upstream", .string(found.upstreamText)),
            JSONValue.Member("enabled", .bool(found.isEnabled)),
            JSONValue.Member("toxics", toxics(proxy.toxics)),
        ]
        if proxy.protocol != .tcp {
            members.append(JSONValue.Member("protocol", .string(proxy.protocol.rawValue)))
        }
        if let mix = proxy.mix {
            members.append(JSONValue.Member("behavior", .string("\(mix)")))
            if let options = BehaviourOptionsCoding.member(mix) { members.append(options) }
        }
        return .object(members + LimitsCoding.members(proxy.requestLimits))
    }

    /// All of them by name, in the order of the names.
    static func json(_ proxies: [RegisteredProxy]) -> JSONValue {
        .object(sorted(proxies).map { JSONValue.Member($0.name, json($0)) })
    }

    /// Byte by byte, as Go sorts.
    static func sorted(_ proxies: [RegisteredProxy]) -> [RegisteredProxy] {
        proxies.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Upstream ones first, each stream in the order of its making.
    static func toxics(_ toxics: [Toxic]) -> JSONValue {
        let upstream = toxics.filter { $0.stream == .upstream }
        let downstream = toxics.filter { $0.stream == .downstream }
        return .array((upstream + downstream).map(ToxicCoding.json))
    }

    /// - Parameter options: what a behaviour answers where the protocol has errors, and whose rules
    ///   hold.
    static func specification(
        _ fields: JSONFields, _ options: APIOptions
    ) throws -> ProxySpecification {
        let changes = try changes(fields)
        let hasErrors = (changes.protocol ?? .tcp) != .tcp
        let toxics = try fields.array("toxics") ?? []
        return ProxySpecification(
            name: try fields.string("name") ?? "", listen: changes.listen ?? "",
            upstream: changes.upstream ?? "", isEnabled: changes.isEnabled ?? true,
            protocol: changes.protocol,
            toxics: try toxics.map {
                try ToxicCoding.toxic(
                    JSONFields($0, type: ToxicCoding.typeName, unknown: fields.unknown),
                    options.mode)
            },
            mix: try mix(fields, errors: hasErrors ? options.errors : nil),
            limits: RequestLimits().applying(changes.limits))
    }

    /// Those of `/populate` and of a configuration file: a list, or what `GET /proxies` prints.
    static func specifications(
        _ value: JSONValue, _ options: APIOptions, _ unknown: JSONFields.UnknownKeys
    ) throws -> [ProxySpecification] {
        switch value {
        case .null: return []
        case .array(let elements):
            return try elements.map {
                try specification(JSONFields($0, type: "Proxy", unknown: unknown), options)
            }
        case .object(let members) where isListing(members):
            return try members.map { member in
                let fields = try JSONFields(member.value, type: "Proxy", unknown: unknown)
                var specification = try specification(fields, options)
                if specification.name.isEmpty { specification.name = member.name }
                return specification
            }
        default:
            throw JSONError(
                "json: cannot unmarshal \(value.typeName) into Go value of type []toxiproxy.Proxy")
        }
    }

    /// Whether it is proxies by name: each with `listen` and `upstream`.
    private static func isListing(_ members: [JSONValue.Member]) -> Bool {
        !members.isEmpty
            && members.allSatisfy { member in
                guard let fields = try? JSONFields(member.value, type: "Proxy") else {
                    return false
                }
                return fields.has("listen") && fields.has("upstream")
            }
    }

    /// - Parameter errors: what a behaviour answers; nil where the protocol has no errors.
    static func mix(
        _ fields: JSONFields, errors: Respond?
    ) throws -> BehaviourMix? {
        let options = try BehaviourOptionsCoding.options(fields)
        guard let text = try fields.string("behavior"), !text.isEmpty else {
            guard options.isEmpty else {
                throw APIError(
                    400, "invalid \(BehaviourOptionsCoding.key): there is no behavior beside it")
            }
            return nil
        }
        do throws(FaultError) {
            return try BehaviourMix(text, options: options, errors: errors)
        } catch {
            throw APIError(400, "invalid behavior: \(error)")
        }
    }

    static func changes(_ fields: JSONFields) throws -> ProxyChanges {
        try fields.check(known: ownKeys, told: peerKeys)
        var changes = ProxyChanges(
            listen: try fields.string("listen"), upstream: try fields.string("upstream"),
            isEnabled: try fields.bool("enabled"),
            protocol: try fields.string("protocol").map(proxyProtocol))
        changes.limits = try LimitsCoding.changes(fields)
        return changes
    }

    private static func proxyProtocol(_ text: String) throws -> ProxyProtocol {
        guard let found = ProxyProtocol(rawValue: text) else {
            let names = ProxyProtocol.relayed.map(\.rawValue).joined(separator: ", ")
            throw APIError(400, "invalid protocol: '\(text)' is none of \(names)")
        }
        return found
    }
}
