import Names

/// `nxdomain`: there is no such name, it is answered.
public struct NameError: PlainNameEntry {
    public init() {}

    static let name = "nxdomain"
    static let summary = "There is no such name, it is answered."
    static let nameFault = NameFault.nameError

    var words: String { "NXDOMAIN" }
}
