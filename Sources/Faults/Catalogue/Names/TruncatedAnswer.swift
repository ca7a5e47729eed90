import Names

/// `truncate-udp`: over UDP nothing is answered but that it be asked for over TCP (TC), where it
/// is.
///
/// A script of HTTP is called `truncate`.
public struct TruncatedAnswer: PlainNameEntry {
    public init() {}

    static let name = "truncate-udp"
    static let summary =
        "Over UDP nothing is answered but that it be asked for over TCP (TC), where it is."
    static let nameFault = NameFault.truncation

    var words: String { "TC over UDP" }
}
