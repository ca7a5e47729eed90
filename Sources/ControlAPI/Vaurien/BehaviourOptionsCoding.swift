import Faults

/// The settings of a mix as JSON, a member of the proxy where any differs from Vaurien's own:
/// `{"delay":{"sleep":2,"before":false}}`, in Vaurien's names and units.
enum BehaviourOptionsCoding {
    static let key = "behavior_options"

    /// - Returns: nil if there are none.
    static func member(_ mix: BehaviourMix) -> JSONValue.Member? {
        let behaviours = mix.parts.compactMap { part -> JSONValue.Member? in
            let given = part.behaviour.given(mix.options[part.behaviour] ?? .init())
            guard !given.isEmpty else { return nil }
            let members = given.map { JSONValue.Member($0.setting.rawValue, value($0.value)) }
            return JSONValue.Member(part.behaviour.rawValue, .object(members))
        }
        return behaviours.isEmpty ? nil : JSONValue.Member(key, .object(behaviours))
    }

    private static func value(_ value: BehaviourSetting.Value) -> JSONValue {
        switch value {
        case .time(let time): JSONWriter.number(Double(time) / 1e9)
        case .flag(let isSet): .bool(isSet)
        case .count(let count): .number("\(count)")
        }
    }

    /// - Throws: `APIError` or `JSONError`.
    static func options(_ proxy: JSONFields) throws -> [Behaviour: Behaviour.Options] {
        guard let fields = try proxy.object(key, type: "Behaviors") else { return [:] }
        var options: [Behaviour: Behaviour.Options] = [:]
        for member in fields.members {
            guard let behaviour = Behaviour(rawValue: member.name) else {
                let names = Behaviour.allCases.map(\.rawValue)
                throw APIError(
                    400,
                    "invalid \(key): there is no '\(member.name)'."
                        + Suggestion.hint(for: member.name, in: names))
            }
            options[behaviour] = try self.options(behaviour, member.value)
        }
        return options
    }

    private static func options(
        _ behaviour: Behaviour, _ value: JSONValue
    ) throws -> Behaviour.Options {
        let fields = try JSONFields(value, type: "Behavior")
        let known = behaviour.settings.map(\.rawValue)
        if let other = fields.members.first(where: { !known.contains($0.name) })?.name {
            throw APIError(
                400,
                "invalid \(key): \(behaviour.rawValue) has no '\(other)'."
                    + Suggestion.hint(for: other, in: known))
        }
        do {
            return try BehaviourSettings(fields.members).options(over: .init())
        } catch let error as BehaviourError {
            throw APIError(400, "invalid \(key): \(error.description)")
        }
    }
}
