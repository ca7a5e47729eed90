/// One of the things that must be so, all of them together being a filter.
struct QueryTerm {
    /// Most values that commas part in one.
    static let maximumValues = 32

    let test: QueryTest
    /// Whether it must not be so.
    let isNegated: Bool
    let value: QueryValue
    /// Of its patterns.
    private let words: Int

    init(test: QueryTest, isNegated: Bool, value: QueryValue) {
        (self.test, self.isNegated, self.value) = (test, isNegated, value)
        words = test.words
    }

    func holds(_ record: ExchangeRecord) -> Bool { test.holds(record) != isNegated }

    /// What that costs at most, in steps of about a nanosecond.
    func steps(for record: ExchangeRecord) -> Int { test.steps(for: record, words: words) }

    // MARK: Names

    /// Proxies by their names, without wildcards.
    var proxies: [String] {
        guard case .text(.proxy, let patterns) = test else { return [] }
        return patterns.compactMap(\.exact)
    }

    /// Toxics by names that are no types.
    var toxics: [String] {
        guard case .fault(let patterns) = test else { return [] }
        return patterns.compactMap(\.toxicName)
    }

    /// The faults that must have been met.
    var faults: [FaultPattern] {
        guard case .fault(let patterns) = test, !isNegated else { return [] }
        return patterns
    }

    /// The same, if it asks whether faults have acted, of these.
    func about(_ faults: [FaultPattern]) -> QueryTerm {
        guard case .acted = test else { return self }
        return QueryTerm(test: .acted(faults), isNegated: isNegated, value: value)
    }
}
