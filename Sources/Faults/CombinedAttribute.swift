/// Several weights that are written as one value: `[418, 503]`, `{418: 3, 503: 1}` or
/// `418=3,503=1`.
struct CombinedAttribute: Sendable {
    /// The one that is told comes first.
    let names: [String]
    /// What is wrong with others, and what to write: it follows the name and the value.
    let rule: String
}
