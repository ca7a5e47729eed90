import Names

/// `drop`: there is no answer: over TCP the connection stays open.
public struct DroppedQuery: PlainNameEntry {
    public init() {}

    static let name = "drop"
    static let summary = "There is no answer: over TCP the connection stays open."
    static let nameFault = NameFault.drop

    var words: String { "no answer" }
}
