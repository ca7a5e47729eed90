/// A filter as people write it: `proxy:error status:5xx -path:*.json delay>400ms`. All its words
/// must hold.
///
/// A word is `key:value` (or `key=value`), `key>value` with `>`, `>=`, `<` or `<=`, or a text that
/// the target contains; `-` before it has it not be so. `*` in a value is any run of characters,
/// commas part values of which one must hold, and what is in quotes is only itself. What a record
/// does not have is like no value: `-label:*` asks for those without.
public struct RecordQuery: Sendable {
    /// Longest filter in bytes, and most words of one.
    public static let maximumBytes = 4096
    public static let maximumTerms = 32

    private let terms: [QueryTerm]

    /// - Parameter text: without a word it asks for all.
    /// - Throws: `QueryError` for what cannot be asked.
    public init(_ text: String) throws(QueryError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw QueryError(
                "the filter has \(text.utf8.count) bytes: at most \(Self.maximumBytes) are taken.")
        }
        let words = try QueryWord.all(in: text)
        guard words.count <= Self.maximumTerms else {
            throw QueryError(
                "the filter has \(words.count) words: at most \(Self.maximumTerms) are taken.")
        }
        var terms: [QueryTerm] = []
        for word in words { terms.append(try QueryTerm(word)) }
        let faults = terms.flatMap(\.faults)
        self.terms = terms.map { $0.about(faults) }
    }

    public func matches(_ record: ExchangeRecord) -> Bool {
        terms.allSatisfy { $0.holds(record) }
    }

    /// What that costs at most, in steps of about a nanosecond.
    func steps(for record: ExchangeRecord) -> Int {
        terms.reduce(0) { $0 + $1.steps(for: record) }
    }

    /// What it means: `exchanges of proxy error, answered with 5xx`.
    public var sentence: String {
        terms.isEmpty
            ? "all exchanges" : "exchanges " + terms.map(\.phrase).joined(separator: ", ")
    }

    // MARK: Names

    /// All proxies that are named in it, without wildcards.
    public var proxies: [String] { terms.flatMap(\.proxies) }

    /// All toxics that are named in it by what is no type either.
    public var toxics: [String] { terms.flatMap(\.toxics) }

    /// The proxy that all it asks for are of; nil if there may be several.
    public var onlyProxy: String? {
        let only = terms.first { term in
            guard case .text(.proxy, let patterns) = term.test else { return false }
            return !term.isNegated && patterns.count == 1 && patterns[0].exact != nil
        }
        return only?.proxies.first
    }
}
