/// A setting of one of Vaurien's behaviours, by Vaurien's name.
public enum BehaviourSetting: String, CaseIterable, Sendable {
    case sleep, before, inject, warmup, agitate

    public enum Value: Equatable, Sendable {
        /// In nanoseconds.
        case time(Nanoseconds)
        case flag(Bool)
        case count(UInt64)
    }
}

extension Behaviour {
    /// Those that it looks at.
    public var settings: [BehaviourSetting] {
        switch self {
        case .delay: [.sleep, .before]
        case .error: [.inject, .warmup]
        case .transient: [.inject, .warmup, .agitate]
        case .abort, .blackout, .dummy, .hang: []
        }
    }

    /// What of some options it looks at and is not as it is without a word.
    public func given(_ options: Options) -> [(
        setting: BehaviourSetting, value: BehaviourSetting.Value
    )] {
        let usual = Options()
        return settings.compactMap { setting in
            let value = options[setting]
            return value == usual[setting] ? nil : (setting, value)
        }
    }
}

extension Behaviour.Options {
    subscript(setting: BehaviourSetting) -> BehaviourSetting.Value {
        switch setting {
        case .sleep: .time(sleep)
        case .before: .flag(before)
        case .inject: .flag(inject)
        case .warmup: .count(warmup)
        case .agitate: .count(agitate)
        }
    }
}
