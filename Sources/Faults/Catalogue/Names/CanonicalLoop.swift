import Names

/// `cname-loop`: the name stands for loop.invalid, and that for the name.
public struct CanonicalLoop: PlainNameEntry {
    public init() {}

    static let name = "cname-loop"
    static let summary = "The name stands for loop.invalid, and that for the name."
    static let nameFault = NameFault.canonicalLoop

    var words: String { "CNAMEs in a circle" }
}
