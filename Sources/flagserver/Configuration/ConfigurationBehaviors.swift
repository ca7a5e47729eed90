import Faults

/// The settings of a proxy's behaviours in a configuration file:
/// `behavior-options: {delay: {sleep: 2s, before: no}}`.
enum ConfigurationBehaviors {
    /// - Throws: `CommandLineError` 78.
    static func options(
        _ node: ConfigurationNode?
    ) throws -> [Behaviour: Behaviour.Options] {
        guard let node else { return [:] }
        var options: [Behaviour: Behaviour.Options] = [:]
        let behaviours = try ConfigurationFields(node, "settings like {delay: {sleep: 2s}}")
        try behaviours.check(known: Behaviour.allCases.map(\.rawValue), in: "behavior-options")
        for field in behaviours.fields {
            guard let behaviour = Behaviour(rawValue: field.name) else { continue }
            let settings = try ConfigurationFields(field.value, "settings like {sleep: 2s}")
            try settings.check(
                known: behaviour.settings.map(\.rawValue), in: "behavior '\(field.name)'")
            options[behaviour] = try self.options(settings)
        }
        return options
    }

    private static func options(_ fields: ConfigurationFields) throws -> Behaviour.Options {
        var options = Behaviour.Options()
        if let sleep = fields["sleep"] { options.sleep = try time(sleep) }
        if let before = try fields.flag("before") { options.before = before }
        if let inject = try fields.flag("inject") { options.inject = inject }
        if let warmup = fields["warmup"] { options.warmup = try count(warmup) }
        if let agitate = fields["agitate"] { options.agitate = try count(agitate) }
        return options
    }

    /// A bare number is seconds, as for Vaurien.
    private static func time(_ node: ConfigurationNode) throws -> Nanoseconds {
        do {
            let time = try OptionValues.time(try node.text(), option: "sleep")
            guard time / 1_000_000 <= UInt64(Behaviour.Options.longestSleep) else {
                throw OptionValues.usage("sleep is too long a time.")
            }
            return time
        } catch let error as CommandLineError where error.place == nil {
            throw node.error(error.reason)
        }
    }

    private static func count(_ node: ConfigurationNode) throws -> UInt64 {
        guard let number = UInt64(try node.text()) else {
            throw node.expected("a whole number from 0")
        }
        return number
    }
}
