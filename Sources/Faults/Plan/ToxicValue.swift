/// A value of a toxic, free of the syntax that it was written in.
public enum ToxicValue: Equatable, Sendable {
    /// Numbers too, where the syntax does not tell them from text.
    case text(String)
    /// As it is spelled.
    case number(String)
    /// A word alone is true.
    case flag(Bool)
    case null
    case list([ToxicValue])
    case mapping([ToxicField])
}

/// A key with its value.
public struct ToxicField: Equatable, Sendable {
    /// As the reader spells its keys: with underscores and, where the syntax does not care for the
    /// case of letters, in lower case.
    public let name: String
    public let value: ToxicValue

    public init(_ name: String, _ value: ToxicValue) {
        (self.name, self.value) = (name, value)
    }
}
