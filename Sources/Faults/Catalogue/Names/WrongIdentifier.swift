import Names

/// `wrong-id`: the answer has the number of another question: the next one.
public struct WrongIdentifier: PlainNameEntry {
    public init() {}

    static let name = "wrong-id"
    static let summary = "The answer has the number of another question: the next one."
    static let nameFault = NameFault.wrongIdentifier

    var words: String { "another number" }
}
