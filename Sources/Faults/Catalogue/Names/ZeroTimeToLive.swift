import Names

/// `ttl-zero`: nothing of the answer may be remembered: each TTL is 0.
public struct ZeroTimeToLive: PlainNameEntry {
    public init() {}

    static let name = "ttl-zero"
    static let summary = "Nothing of the answer may be remembered: each TTL is 0."
    static let nameFault = NameFault.zeroTimeToLive

    var words: String { "TTL 0" }
}
