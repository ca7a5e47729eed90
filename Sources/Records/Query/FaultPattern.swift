import Faults

/// A fault as it is asked for: by the name of its toxic, by its type, or by another name of that.
struct FaultPattern {
    private let pattern: TextPattern
    /// Those that are called so.
    private let types: Set<FaultType>

    init(_ pattern: TextPattern) {
        self.pattern = pattern
        types = Set(pattern.exact.map(FaultType.all) ?? [])
    }

    /// As of a `TextPattern`.
    var words: Int { pattern.words }

    /// The name, if it is one that nothing but a toxic can have.
    var toxicName: String? { types.isEmpty ? pattern.exact : nil }

    func matches(_ met: FaultPlan.DrawnFault) -> Bool {
        let type = met.toxic.fault.type
        return types.contains(type) || pattern.matches(met.toxic.name)
            || pattern.matches(type.rawValue)
    }
}
