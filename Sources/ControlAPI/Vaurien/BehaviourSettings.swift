import Faults

/// The settings of a behaviour as Vaurien's clients give them: plain members of the request.
struct BehaviourSettings {
    private let members: [JSONValue.Member]

    init(_ members: [JSONValue.Member]) {
        self.members = members
    }

    /// - Parameter base: what is not given.
    func options(over base: Behaviour.Options) throws -> Behaviour.Options {
        var options = base
        if let sleep = try sleep() { options.sleep = sleep }
        if let before = try flag("before") { options.before = before }
        if let inject = try flag("inject") { options.inject = inject }
        if let warmup = try count("warmup") { options.warmup = warmup }
        if let agitate = try count("agitate") { options.agitate = agitate }
        return options
    }

    private func value(_ name: String) -> JSONValue? {
        members.last { $0.name == name && $0.value != .null }?.value
    }

    /// Seconds, as a delay must be.
    private func sleep() throws -> Nanoseconds? {
        guard let value = value("sleep") else { return nil }
        guard case .number(let text) = value, let seconds = Double(text), seconds >= 0,
            seconds * 1000 <= Double(Behaviour.Options.longestSleep)
        else { throw BehaviourError("sleep", "the sleep must be a number of seconds") }
        return Nanoseconds(seconds * 1e9)
    }

    private func flag(_ name: String) throws -> Bool? {
        switch value(name) {
        case nil: nil
        case .bool(let isSet): isSet
        case .number("0"): false
        case .number("1"): true
        default: throw BehaviourError(name, "the \(name) must be true or false")
        }
    }

    private func count(_ name: String) throws -> UInt64? {
        guard let value = value(name) else { return nil }
        guard case .number(let text) = value, let number = Int64(text), number >= 0 else {
            throw BehaviourError(name, "the \(name) must be a whole number, at least 0")
        }
        return UInt64(number)
    }
}
