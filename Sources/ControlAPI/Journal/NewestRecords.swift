import HTTPWire
import Records

/// Looks for the record with which the newest ones begin that `/journal` is asked for.
struct NewestRecords: JournalSearch {
    private let limit: Int?
    private var filter: RecordFilter
    private let journal: Journal
    private let seed: UInt64
    private let end: UInt64
    /// The records to be told have greater sequence numbers.
    private var cursor: UInt64
    private var forgotten: UInt64
    private var descent: JournalDescent
    private var count = 0

    /// - Parameters:
    ///   - limit: most records, at least 1; nil: all.
    ///   - sequence: the first record has a greater one.
    ///   - forgotten: how many of those that are asked for are no more.
    init(
        _ limit: Int?, _ filter: RecordFilter, _ journal: Journal, after sequence: UInt64,
        forgotten: UInt64, seed: UInt64
    ) {
        (self.limit, self.filter, self.journal, self.seed) = (limit, filter, journal, seed)
        (end, self.forgotten) = (journal.newest, forgotten)
        cursor = max(sequence, journal.lastForgotten)
        descent = JournalDescent(journal, after: sequence)
    }

    mutating func next(_ turns: ScanTurns) -> SiteAnswer? {
        if let limit {
            var (count, first) = (count, nil as UInt64?)
            let isOver = descent.go(journal, &filter, turns) { record in
                count += 1
                if count == limit { first = record.sequence }
                return first == nil
            }
            self.count = count
            guard isOver else { return nil }
            if let first { (cursor, forgotten) = (first - 1, 0) }
        }
        return .streamed(
            JournalStream(
                journal, filter, after: cursor, until: end, forgotten: forgotten, seed: seed,
                turns))
    }
}
