import Faults

/// The members of an object as Go's decoder sees them: names in any case, `null` leaves a field
/// alone, the last of several wins. Ours may have hyphens or underscores.
struct JSONFields {
    /// What becomes of keys that there are not.
    enum UnknownKeys {
        case refused
        /// As the peer takes them, but with a sentence about each.
        case told((String) -> Void)
    }

    /// In errors: `Proxy`, `LatencyToxic.attributes`.
    let type: String
    let members: [JSONValue.Member]
    let unknown: UnknownKeys

    /// - Returns: without members for `null`.
    init(
        _ value: JSONValue, type: String, unknown: UnknownKeys = .refused
    ) throws(JSONError) {
        (self.type, self.unknown) = (type, unknown)
        switch value {
        case .object(let members): self.members = members
        case .null: members = []
        default:
            throw JSONError(
                "json: cannot unmarshal \(value.typeName) into Go value of type toxiproxy.\(type)")
        }
    }

    init(type: String, members: [JSONValue.Member], unknown: UnknownKeys = .refused) {
        (self.type, self.members, self.unknown) = (type, members, unknown)
    }

    /// As keys are told: in lower case, with underscores.
    static func key(_ name: String) -> String {
        name.lowercased().replacing("-", with: "_")
    }

    /// - Parameters:
    ///   - known: the keys that there are, beside the peer's.
    ///   - told: those of the peer's that say something here.
    /// - Throws: `APIError` for another one, unless they are only told of.
    func check(known: [String], told: [String]) throws(APIError) {
        let passed = ToxicKeys.peer + known
        for member in members where !passed.contains(Self.key(member.name)) {
            let hint = Suggestion.hint(for: Self.key(member.name), in: told + known)
            let all = " There are \((told + known).joined(separator: ", "))."
            let reason = "unknown key '\(member.name)'.\(hint.isEmpty ? all : hint)"
            switch unknown {
            case .refused: throw APIError(400, reason)
            case .told(let tell): tell(reason)
            }
        }
    }

    /// All values of a field that are not `null`, in order.
    private func values(_ name: String) -> [JSONValue] {
        members.filter { Self.key($0.name) == name && $0.value != .null }.map(\.value)
    }

    /// Whether there is anything but `null`.
    func has(_ name: String) -> Bool { !values(name).isEmpty }

    /// Whether it is there at all, be it with `null`.
    func mentions(_ name: String) -> Bool {
        members.contains { Self.key($0.name) == name }
    }

    func string(_ name: String) throws(JSONError) -> String? {
        var result: String?
        for value in values(name) {
            guard case .string(let text) = value else {
                throw mismatch(value.typeName, name, "string")
            }
            result = text
        }
        return result
    }

    func bool(_ name: String) throws(JSONError) -> Bool? {
        var result: Bool?
        for value in values(name) {
            guard case .bool(let isTrue) = value else {
                throw mismatch(value.typeName, name, "bool")
            }
            result = isTrue
        }
        return result
    }

    /// A 64-bit integer: `1.5` and `1e3` are none.
    func integer(_ name: String) throws(JSONError) -> Int64? {
        var result: Int64?
        for value in values(name) {
            guard case .number(let text) = value else {
                throw mismatch(value.typeName, name, "int64")
            }
            guard let number = Int64(text) else {
                throw mismatch("number \(text)", name, "int64")
            }
            result = number
        }
        return result
    }

    /// - Parameter goType: in errors.
    func fraction(_ name: String, goType: String = "float64") throws(JSONError) -> Double? {
        var result: Double?
        for value in values(name) {
            guard case .number(let text) = value else {
                throw mismatch(value.typeName, name, goType)
            }
            guard let number = Double(text), number.isFinite else {
                throw mismatch("number \(text)", name, goType)
            }
            result = number
        }
        return result
    }

    /// Several objects of the same name are merged.
    ///
    /// - Parameter type: of the fields, in errors.
    func object(_ name: String, type: String) throws(JSONError) -> JSONFields? {
        var merged: [JSONValue.Member]?
        for value in values(name) {
            guard case .object(let members) = value else {
                throw mismatch(value.typeName, name, type)
            }
            merged = (merged ?? []) + members
        }
        return merged.map { JSONFields(type: type, members: $0, unknown: unknown) }
    }

    func array(_ name: String) throws(JSONError) -> [JSONValue]? {
        var result: [JSONValue]?
        for value in values(name) {
            guard case .array(let elements) = value else {
                throw mismatch(value.typeName, name, "array")
            }
            result = elements
        }
        return result
    }

    /// A field whose text may be written as a number: `"exchanges": 3`.
    func text(_ name: String) throws(JSONError) -> String? {
        var result: String?
        for value in values(name) {
            switch value {
            case .string(let text), .number(let text): result = text
            default: throw mismatch(value.typeName, name, "string")
            }
        }
        return result
    }

    func mismatch(_ found: String, _ name: String, _ wanted: String) -> JSONError {
        JSONError(
            "json: cannot unmarshal \(found) into Go struct field \(type).\(name) of type \(wanted)"
        )
    }
}
