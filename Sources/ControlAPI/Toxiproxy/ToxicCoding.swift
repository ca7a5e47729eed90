public import Faults
import HTTPWire

/// A toxic as JSON: Toxiproxy's keys with all attributes, and ours where they are set. What may be
/// given is `ToxicReading`'s to say; here it gets Go's words.
public enum ToxicCoding {
    /// Go's name for it, in errors.
    static let typeName = "ToxicWrapper"

    public static func json(_ toxic: Toxic) -> JSONValue {
        var members = [
            JSONValue.Member("attributes", .object(attributes(of: toxic.fault))),
            JSONValue.Member("name", .string(toxic.name)),
            JSONValue.Member("type", .string(toxic.fault.type.rawValue)),
            JSONValue.Member("stream", .string(toxic.streamSpelling)),
            JSONValue.Member("toxicity", JSONWriter.number(toxic.toxicity.probability.fraction)),
        ]
        if case .exact = toxic.toxicity {
            members.append(JSONValue.Member("mode", .string("exact")))
        }
        members += beside(toxic.fault)
        let exact = exact(of: toxic.fault)
        if !exact.isEmpty { members.append(JSONValue.Member("exact", .object(exact))) }
        if let exchanges = toxic.exchanges {
            members.append(JSONValue.Member("exchanges", .string("\(exchanges)")))
            if exchanges.counting != .target {
                members.append(JSONValue.Member("per", .string(exchanges.counting.rawValue)))
            }
        }
        members += window(of: toxic)
        if let match = toxic.match {
            let parts = match.settings.map { JSONValue.Member($0.name, .string($0.value)) }
            members.append(JSONValue.Member("match", .object(parts)))
        }
        return .object(members)
    }

    private static func window(of toxic: Toxic) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let ttl = toxic.window?.ttl {
            let isWhole = ttl.isMultiple(of: 1_000_000)
            let json: JSONValue =
                isWhole ? .number(Int64(ttl / 1_000_000)) : .string(Notation.exact(ttl))
            members.append(JSONValue.Member("ttl", json))
        }
        if let schedule = toxic.window?.schedule {
            members.append(JSONValue.Member("schedule", .string("\(schedule)")))
        }
        return members
    }

    private static func attributes(of fault: Fault) -> [JSONValue.Member] {
        fault.attributes.compactMap { name, value in
            let attribute = fault.type.attribute(named: name)
            if fault.type.isScript {
                return attribute?.keyed(value).map { JSONValue.Member($0.key, .number($0.number)) }
            }
            return switch attribute?.shown(value) ?? value {
            case .number(let number): JSONValue.Member(name, .number(number))
            case .fraction(let fraction): JSONValue.Member(name, JSONWriter.number(fraction))
            case .word, .text, .fields: nil
            }
        }
    }

    /// What stands beside the attributes, for these are numbers: words and texts, and the script of
    /// somebody's own.
    private static func beside(_ fault: Fault) -> [JSONValue.Member] {
        guard let script = fault.type.script else { return words(of: fault) }
        let words = fault.attributes.compactMap { name, value -> JSONValue.Member? in
            guard let attribute = fault.type.attribute(named: name), attribute.keyed(value) == nil
            else { return nil }
            return JSONValue.Member(name, .string(attribute.written(value)))
        }
        guard !script.isOwn else { return words }
        let variant = script.variant.map { [JSONValue.Member("variant", .string($0))] } ?? []
        return words + [JSONValue.Member("steps", .string(script.text))] + variant
    }

    private static func words(of fault: Fault) -> [JSONValue.Member] {
        fault.attributes.compactMap { name, value in
            switch value {
            case .number, .fraction: nil
            case .word(let text), .text(let text): JSONValue.Member(name, .string(text))
            case .fields(let fields): JSONValue.Member(name, json(fields))
            }
        }
    }

    /// A mapping; of a name with several values the list of them.
    private static func json(_ fields: [HTTPField]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for field in fields {
            let value = JSONValue.string(field.value)
            guard let last = members.last, last.name == field.name else {
                members.append(JSONValue.Member(field.name, value))
                continue
            }
            let before = if case .array(let values) = last.value { values } else { [last.value] }
            members[members.count - 1] = JSONValue.Member(field.name, .array(before + [value]))
        }
        return .object(members)
    }

    /// What the integers of `attributes` cannot say, so that it can be written back.
    private static func exact(of fault: Fault) -> [JSONValue.Member] {
        guard !fault.type.isScript else { return [] }
        return fault.attributes.compactMap { name, value in
            fault.type.attribute(named: name)?.exactly(value).map {
                JSONValue.Member(name, .string($0))
            }
        }
    }

    // MARK: From JSON

    /// The toxic that `json` has written, or another one of Toxiproxy's interface.
    ///
    /// - Throws: in the words of that interface.
    public static func toxic(_ json: JSONValue) throws -> Toxic {
        try toxic(JSONFields(json, type: typeName), .flagserver)
    }

    /// - Parameter mode: whose rules hold.
    static func toxic(_ fields: JSONFields, _ mode: APIOptions.Mode) throws -> Toxic {
        do throws(ToxicError) {
            return try reading(fields, mode).toxic()
        } catch {
            throw refusal(error, of: try? fields.string("type"))
        }
    }

    /// `toxic` with what `fields` give; name, type and stream stay.
    static func changed(
        _ toxic: Toxic, _ fields: JSONFields, _ mode: APIOptions.Mode
    ) throws -> Toxic {
        do throws(ToxicError) {
            return try reading(fields, mode).changed(toxic)
        } catch {
            throw refusal(error, of: toxic.fault.type.rawValue)
        }
    }

    private static func reading(_ fields: JSONFields, _ mode: APIOptions.Mode) -> ToxicReading {
        var ignoring: ((ToxicError) -> Void)?
        if case .told(let tell) = fields.unknown { ignoring = { tell(unknownKey($0)) } }
        var reading = ToxicReading(
            self.fields(fields.members, depth: 0), as: .json, ignoring: ignoring)
        reading.takesAnyToxicity = mode == .toxiproxy
        return reading
    }

    /// - Parameter depth: keys of the toxic itself and those one level below are ours, and may have
    ///   hyphens or underscores.
    private static func fields(_ members: [JSONValue.Member], depth: Int) -> [ToxicField] {
        members.map { member in
            let name = depth < 2 ? JSONFields.key(member.name) : member.name.lowercased()
            guard depth == 0, ToxicReading.verbatim.contains(name),
                case .object(let inner) = member.value
            else { return ToxicField(name, value(member.value, depth: depth + 1)) }
            return ToxicField(
                name, .mapping(inner.map { ToxicField($0.name, value($0.value, depth: 2)) }))
        }
    }

    private static func value(_ json: JSONValue, depth: Int) -> ToxicValue {
        switch json {
        case .null: .null
        case .bool(let isSet): .flag(isSet)
        case .number(let digits): .number(digits)
        case .string(let text): .text(text)
        case .array(let elements): .list(elements.map { value($0, depth: depth) })
        case .object(let members): .mapping(fields(members, depth: depth))
        }
    }

    // MARK: Refusals

    /// - Parameter type: the fault's, as it was given.
    private static func refusal(_ error: ToxicError, of type: String?) -> any Error {
        switch error.reason {
        case .unknownType: APIError(400, "invalid toxic type")
        case .unknownStream:
            APIError(400, "stream was invalid, can be either upstream or downstream")
        case .mismatch(let found, let wanted): mismatch(found, wanted, error.path, type ?? "")
        case .unknownKey: APIError(400, unknownKey(error))
        case .script, .invalid: APIError(400, error.labelled)
        }
    }

    private static func unknownKey(_ error: ToxicError) -> String {
        "unknown key '\(error.path.last ?? "")': \(error)"
    }

    private static func mismatch(
        _ found: ToxicValue, _ wanted: ToxicError.Wanted, _ path: [String], _ type: String
    ) -> JSONError {
        let words = type.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let owner = ["attributes": "\(words.joined())Toxic.attributes", "match": "Match"]
        let key = path.last ?? ""
        let goType =
            switch wanted {
            case .text: "string"
            case .whole: "int64"
            case .fraction: "float64"
            case .share: "float32"
            case .mapping: owner[key] ?? "object"
            }
        let fields = JSONFields(
            type: path.count > 1 ? owner[path[0]] ?? typeName : typeName, members: [])
        return fields.mismatch(name(of: found, wanted), key, goType)
    }

    /// What Go calls it; a number is spelled out if it is one that cannot be represented.
    private static func name(of found: ToxicValue, _ wanted: ToxicError.Wanted) -> String {
        switch (found, wanted) {
        case (.number(let digits), .whole), (.number(let digits), .fraction),
            (.number(let digits), .share):
            "number \(digits)"
        case (.number, .text), (.number, .mapping): "number"
        case (.null, _): "null"
        case (.flag, _): "bool"
        case (.text, _): "string"
        case (.list, _): "array"
        case (.mapping, _): "object"
        }
    }
}
