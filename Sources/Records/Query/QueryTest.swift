import Faults

/// What a word of a filter asks about a record.
enum QueryTest {
    /// A text anywhere in the target.
    case search(TextPattern)
    /// One of the patterns.
    case text(QueryText, [TextPattern])
    /// A fault that is like one of the patterns.
    case fault([FaultPattern])
    /// Whether a fault has acted: one of those that are like the patterns, if there are any.
    case acted([FaultPattern])
    /// One of the addresses and networks.
    case client([String])
    case anyClient
    case refused([ExchangeRecord.Refusal])
    case status([StatusPattern])
    case mangled
    case end([ExchangeRecord.Ending])
    case number(QueryNumber, QueryComparison, UInt64)
    case anyNumber(QueryNumber)

    func holds(_ record: ExchangeRecord) -> Bool {
        switch self {
        case .search(let pattern):
            return !record.target.isEmpty && pattern.matches(record.target)
        case .text(let field, let patterns): return field.matches(patterns, record)
        case .fault(let patterns):
            return record.faults.contains { met in patterns.contains { $0.matches(met) } }
        case .acted(let patterns):
            return record.faults.contains { met in
                met.hasActed && (patterns.isEmpty || patterns.contains { $0.matches(met) })
            }
        case .client(let patterns):
            guard let host = record.client?.host else { return false }
            return patterns.contains { Match.client($0, matches: host) }
        case .anyClient: return record.client != nil
        case .refused(let reasons): return record.refusal.map(reasons.contains) ?? false
        case .status(let patterns): return patterns.contains { $0.matches(record.status) }
        case .mangled: return record.isMangled
        case .end(let endings): return endings.contains(record.ending)
        case .number(let field, let comparison, let wanted):
            return field.value(in: record).map { comparison.holds($0, wanted) } ?? false
        case .anyNumber(let field): return field.value(in: record) != nil
        }
    }
}
