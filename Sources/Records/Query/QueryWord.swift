/// One word of a filter as it was written: `-path:*.json`.
public struct QueryWord {
    /// All of it.
    public let source: String
    let isNegated: Bool
    /// nil if it is a text alone.
    public let key: String?
    let comparison: QueryComparison
    let value: QueryValue

    /// Key and value, without its quotes; nil if it compares, is negated or a text alone.
    public var pair: (key: String, value: String)? {
        guard let key, comparison == .equal, !isNegated else { return nil }
        return (key, value.text)
    }

    /// The words of a filter, which blanks part unless they are quoted.
    ///
    /// - Throws: `QueryError` for what is no word, wherever it stands.
    public static func all(in text: String) throws(QueryError) -> [QueryWord] {
        var reader = QueryReader(text)
        var words: [QueryWord] = []
        while let word = try reader.next() { words.append(word) }
        return words
    }
}
