import HTTPWire
import Records

/// What has to be looked for in the journal before it can be answered.
protocol JournalSearch {
    /// Goes on as far as there is room in this turn of the loop.
    ///
    /// - Returns: nil if there is more to look at.
    /// - Throws: `APIError`.
    mutating func next(_ turns: ScanTurns) throws -> SiteAnswer?
}

/// The way through a journal from its newest record to older ones, over several turns of the loop.
/// Records that come meanwhile are none of its own.
struct JournalDescent {
    /// Records with greater sequence numbers only.
    private let start: UInt64
    /// The greatest sequence number that has not been looked at.
    private var cursor: UInt64

    init(_ journal: Journal, after sequence: UInt64) {
        start = max(sequence, journal.lastForgotten)
        cursor = journal.newest
    }

    /// How many have fallen out of the ring meanwhile, before they were looked at.
    func lost(of journal: Journal) -> UInt64 {
        let last = min(cursor, journal.lastForgotten)
        return last > start ? last - start : 0
    }

    /// - Parameter look: gets records, the newest first; returns whether to go on.
    /// - Returns: whether it is over.
    mutating func go(
        _ journal: Journal, _ filter: inout RecordFilter, _ turns: ScanTurns,
        _ look: (ExchangeRecord) -> Bool
    ) -> Bool {
        let first = journal.index(after: start)
        var index = journal.index(after: cursor)
        while index > first {
            guard turns.hasRoom else { return false }
            index -= 1
            let record = journal[index]
            cursor = record.sequence - 1
            turns.spend(filter.steps(for: record))
            if filter.matches(record), !look(record) { return true }
        }
        return true
    }
}
