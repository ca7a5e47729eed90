import Names

/// `wrong-question`: the answer is to another question: wrong.invalid.
public struct WrongQuestion: PlainNameEntry {
    public init() {}

    static let name = "wrong-question"
    static let summary = "The answer is to another question: wrong.invalid."
    static let nameFault = NameFault.wrongQuestion

    var words: String { "another question" }
}
