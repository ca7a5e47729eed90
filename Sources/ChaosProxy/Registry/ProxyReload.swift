import Faults

/// What a configuration wants otherwise than before.
public struct ProxyReload {
    /// A proxy as it was asked for and as it is to be.
    public struct Change {
        public let old: ProxySpecification
        public let new: ProxySpecification

        public init(from old: ProxySpecification, to new: ProxySpecification) {
            (self.old, self.new) = (old, new)
        }
    }

    /// The toxics, the mix and the limits of one of the program's own.
    public struct Faults {
        public let name: String
        public let toxics: [Toxic]
        public let mix: BehaviourMix?
        public let limits: RequestLimits

        public init(
            name: String, toxics: [Toxic], mix: BehaviourMix?, limits: RequestLimits
        ) {
            (self.name, self.toxics, self.mix, self.limits) = (name, toxics, mix, limits)
        }
    }

    /// Why nothing was changed.
    public struct Failure: Error, CustomStringConvertible {
        /// Of the proxy that cannot be as asked.
        public let name: String
        public let error: ProxyError

        public var description: String { "proxy '\(name)': \(error)" }
    }

    public var builtIn: [Faults] = []
    public var added: [ProxySpecification] = []
    public var changed: [Change] = []
    public var removed: [String] = []

    public init() {}
}
