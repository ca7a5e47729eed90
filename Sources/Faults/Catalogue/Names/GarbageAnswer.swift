import Names

/// `garbage`: the answer has the right number and is no message.
public struct GarbageAnswer: PlainNameEntry {
    public init() {}

    static let name = "garbage"
    static let summary = "The answer has the right number and is no message."
    static let nameFault = NameFault.garbage

    var words: String { "garbage" }
}
