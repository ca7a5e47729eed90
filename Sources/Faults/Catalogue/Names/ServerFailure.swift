import Names

/// `servfail`: the server has failed, it is answered.
public struct ServerFailure: PlainNameEntry {
    public init() {}

    static let name = "servfail"
    static let summary = "The server has failed, it is answered."
    static let nameFault = NameFault.serverFailure

    var words: String { "SERVFAIL" }
}
