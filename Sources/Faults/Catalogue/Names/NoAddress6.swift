import Names

/// `no-aaaa-answer`: AAAA is never answered, and A is.
///
/// What has both families asked for waits for the one that never comes.
public struct NoAddress6: PlainNameEntry {
    public init() {}

    static let name = "no-aaaa-answer"
    static let summary = "AAAA is never answered, and A is."
    static let nameFault = NameFault.noAddress6

    var words: String { "no answer to AAAA" }
}
