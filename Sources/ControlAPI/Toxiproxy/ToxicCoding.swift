import Faults

/// A toxic as JSON: Toxiproxy's keys with all attributes, and ours where they are set. Names, units
/// and ranges of the attributes are the schema's.
enum ToxicCoding {
    /// Go's name for it, in errors.
    static let typeName = "ToxicWrapper"

    static func json(_ toxic: Toxic) -> JSONValue {
        var members = [
            JSONValue.Member("attributes", attributes(of: toxic.fault)),
            JSONValue.Member("name", .string(toxic.name)),
            JSONValue.Member("type", .string(toxic.fault.type.rawValue)),
            JSONValue.Member("stream", .string(toxic.streamSpelling)),
            JSONValue.Member(
                "toxicity", JSONWriter.number(Float(toxic.toxicity.probability.fraction))),
        ]
        if let exchanges = toxic.exchanges {
            members.append(JSONValue.Member("exchanges", .string("\(exchanges)")))
            if exchanges.counting != .target {
                members.append(JSONValue.Member("per", .string(exchanges.counting.rawValue)))
            }
        }
        if let match = toxic.match {
            members.append(JSONValue.Member("match", MatchCoding.json(match)))
        }
        return .object(members)
    }

    private static func attributes(of fault: Fault) -> JSONValue {
        .object(
            fault.attributes.map { name, value in
                let shown = fault.type.attribute(named: name)?.shown(value) ?? value
                let json: JSONValue =
                    switch shown {
                    case .number(let number): .number(number)
                    case .fraction(let fraction): JSONWriter.number(fraction)
                    }
                return JSONValue.Member(name, json)
            })
    }

    // MARK: From JSON

    static func toxic(_ fields: JSONFields) throws -> Toxic {
        // Everything is read before anything is judged: a body that cannot be read comes first.
        let (name, typeText) = (try fields.string("name"), try fields.string("type"))
        let (given, toxicity) = (try fields.string("stream"), try toxicity(fields))
        let spelling =
            given ?? (typeText == FaultType.respond.rawValue ? "upstream" : "downstream")
        guard let stream = Toxic.Stream(rawValue: spelling.lowercased()) else {
            throw APIError(400, "stream was invalid, can be either upstream or downstream")
        }
        guard let type = typeText.flatMap(FaultType.init) else {
            throw APIError(400, "invalid toxic type")
        }
        let attributes = try attributes(fields, of: type)
        return Toxic(
            try Fault(type, attributes), stream: stream,
            toxicity: .random(toxicity ?? .always),
            name: name.flatMap { $0.isEmpty ? nil : $0 } ?? "\(type.rawValue)_\(spelling)",
            exchanges: try exchanges(fields), match: try MatchCoding.match(fields),
            streamSpelling: spelling)
    }

    /// `toxic` with what `fields` give; name, type and stream stay.
    static func changed(_ toxic: Toxic, _ fields: JSONFields) throws -> Toxic {
        let type = toxic.fault.type
        var attributes = Dictionary(
            toxic.fault.attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        for (name, value) in try self.attributes(fields, of: type) { attributes[name] = value }
        let (isCounted, isMatched) = (try fields.text("exchanges"), fields.has("match"))
        return Toxic(
            try Fault(type, attributes), stream: toxic.stream,
            toxicity: changed(toxic.toxicity, try toxicity(fields)), name: toxic.name,
            exchanges: isCounted == nil
                ? try recounted(toxic.exchanges, fields) : try exchanges(fields),
            match: isMatched ? try MatchCoding.match(fields) : toxic.match,
            streamSpelling: toxic.streamSpelling)
    }

    private static func changed(
        _ toxicity: Toxic.Toxicity, _ probability: Probability?
    ) -> Toxic.Toxicity {
        switch (toxicity, probability) {
        case (_, nil): toxicity
        case (.random, let probability?): .random(probability)
        case (.exact, let probability?): .exact(probability)
        }
    }

    private static func toxicity(_ fields: JSONFields) throws -> Probability? {
        guard let number = try fields.fraction("toxicity", goType: "float32") else { return nil }
        guard let probability = Probability(number) else {
            throw APIError(400, "invalid toxicity: \(number) is not between 0 and 1")
        }
        return probability
    }

    // MARK: Exchanges

    private static func exchanges(_ fields: JSONFields) throws -> ExchangeRange? {
        let counting = try counting(fields)
        guard let text = try fields.text("exchanges"), !text.isEmpty else { return nil }
        do throws(FaultError) {
            return try ExchangeRange(text, counting: counting ?? .target)
        } catch {
            throw APIError(400, "invalid exchanges: \(error)")
        }
    }

    /// The same exchanges, counted otherwise.
    private static func recounted(
        _ exchanges: ExchangeRange?, _ fields: JSONFields
    ) throws -> ExchangeRange? {
        guard let exchanges, let counting = try counting(fields) else { return exchanges }
        return try ExchangeRange("\(exchanges)", counting: counting)
    }

    private static func counting(_ fields: JSONFields) throws -> ExchangeRange.Counting? {
        guard let text = try fields.string("per"), !text.isEmpty else { return nil }
        guard let counting = ExchangeRange.Counting(rawValue: text) else {
            throw APIError(400, "invalid per: '\(text)' is neither target nor proxy")
        }
        return counting
    }

    // MARK: Attributes

    /// What is given, in base units. Unknown names are not looked at.
    private static func attributes(
        _ fields: JSONFields, of type: FaultType
    ) throws -> [String: Quantity] {
        let words = type.rawValue.split(separator: "_").map {
            $0.prefix(1).uppercased() + $0.dropFirst()
        }
        let name = words.joined() + "Toxic.attributes"
        guard let given = try fields.object("attributes", type: name) else { return [:] }
        var result: [String: Quantity] = [:]
        for member in given.members where member.value != .null {
            guard let attribute = type.attribute(named: member.name) else { continue }
            result[attribute.name] = try quantity(member.value, attribute, in: given)
        }
        return result
    }

    private static func quantity(
        _ value: JSONValue, _ attribute: Attribute, in fields: JSONFields
    ) throws -> Quantity {
        let goType = attribute.unit == .fraction ? "float64" : "int64"
        switch value {
        case .bool(let isSet) where attribute.unit == .flag:
            return try attribute.quantity(apiInteger: isSet ? 1 : 0)
        case .number(let text):
            if let integer = Int64(text) { return try attribute.quantity(apiInteger: integer) }
            guard attribute.unit == .fraction, let number = Double(text), number.isFinite else {
                throw fields.mismatch("number \(text)", attribute.name, goType)
            }
            return try attribute.quantity(apiNumber: number)
        default: throw fields.mismatch(value.typeName, attribute.name, goType)
        }
    }
}
