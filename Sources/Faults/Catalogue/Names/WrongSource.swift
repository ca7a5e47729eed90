import Names

/// `wrong-source`: over UDP the answer comes from another port.
public struct WrongSource: PlainNameEntry {
    public init() {}

    static let name = "wrong-source"
    static let summary = "Over UDP the answer comes from another port."
    static let nameFault = NameFault.wrongSource

    var words: String { "from another port" }
}
