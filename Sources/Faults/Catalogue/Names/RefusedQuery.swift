import Names

/// `refused`: the server will not say, it is answered.
public struct RefusedQuery: PlainNameEntry {
    public init() {}

    static let name = "refused"
    static let summary = "The server will not say, it is answered."
    static let nameFault = NameFault.refused

    var words: String { "REFUSED" }
}
