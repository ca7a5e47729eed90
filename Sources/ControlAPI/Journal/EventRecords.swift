import Faults
import Records

/// The way of a reader of `/events` through the journal: a cursor to the record that it got last,
/// and how many of those that follow it is given.
struct EventRecords {
    /// Most records of one event.
    static let maximumRecords = 64
    /// Where an event ends, in bytes: one record more, and it is still less than 64 KiB.
    private static let maximumBytes = 44 << 10

    private let journal: Journal
    private var filter: RecordFilter
    private var writer: JournalLine
    private var cursor: UInt64
    /// Up to here all are sent.
    private let wholeUntil: UInt64
    private var sampling: EventSampling?
    private let turns: ScanTurns
    /// Whether there was no room in this turn of the loop to look at the rest.
    private(set) var isInterrupted = false

    /// - Parameters:
    ///   - sequence: of the record that it got last.
    ///   - rate: most records in a second that it takes of those that come from now on; nil: all.
    init(
        _ journal: Journal, _ filter: RecordFilter, after sequence: UInt64, rate: Int?,
        seed: UInt64, _ turns: ScanTurns
    ) {
        (self.journal, self.filter, cursor, self.turns) = (journal, filter, sequence, turns)
        writer = JournalLine(seed: seed)
        sampling = rate.map { EventSampling(rate: $0) }
        wholeUntil = rate == nil ? .max : journal.newest
    }

    /// Whether there is something to be said.
    var hasMore: Bool { cursor < journal.newest || sampling?.owesWord == true }

    mutating func tick(at now: Instant) { sampling?.tick(at: now) }

    /// The next events; nil if there are none now.
    mutating func next() -> [UInt8]? {
        isInterrupted = false
        if let lost { return lost }
        if cursor < wholeUntil, let whole { return whole }
        return cursor < wholeUntil ? nil : sampled
    }

    private var lost: [UInt8]? {
        mutating get {
            let count = journal.forgotten(after: cursor)
            guard count > 0 else { return nil }
            cursor = journal.lastForgotten
            sampling?.lose(count)
            return EventStream.event("lost", Array("{\"count\":\(count)}".utf8))
        }
    }

    // MARK: All of them

    private var whole: [UInt8]? {
        mutating get {
            var index = journal.index(after: cursor)
            let end = journal.index(after: wholeUntil)
            var batch = Batch()
            while index < end, turns.hasRoom, batch.hasRoom {
                let record = journal[index]
                (cursor, index) = (record.sequence, index + 1)
                if matches(record) { append(record, to: &batch) }
            }
            if batch.count > 0 { return batch.event(id: cursor) }
            isInterrupted = index < end
            return nil
        }
    }

    private mutating func matches(_ record: ExchangeRecord) -> Bool {
        turns.spend(filter.steps(for: record))
        return filter.matches(record)
    }

    private mutating func append(_ record: ExchangeRecord, to batch: inout Batch) {
        let before = batch.data.count
        batch.append(record, &writer)
        turns.spend(bytes: batch.data.count - before)
    }

    /// The data of an event.
    private struct Batch {
        private(set) var data = [UInt8(ascii: "[")]
        private(set) var count = 0

        var hasRoom: Bool { count < maximumRecords && data.count < maximumBytes }

        mutating func append(_ record: ExchangeRecord, _ writer: inout JournalLine) {
            if count > 0 { data.append(UInt8(ascii: ",")) }
            writer.append(object: record, to: &data)
            count += 1
        }

        func event(id: UInt64) -> [UInt8] {
            EventStream.event("records", data + [UInt8(ascii: "]")], id: id)
        }
    }

    // MARK: Some of them

    /// The next part of a round, with the word that some are left out of it.
    private var sampled: [UInt8]? {
        mutating get {
            guard var round = sampling else { return nil }
            defer { sampling = round }
            switch round.stage {
            case .waiting: return nil
            case .due: begin(&round)
            case .counting, .sending: break
            }
            if case .counting(let found, let counted) = round.stage {
                count(&round, found, after: counted)
            }
            isInterrupted = round.stage != .sending
            return isInterrupted ? nil : part(of: &round)
        }
    }

    private func begin(_ round: inout EventSampling) {
        let (newest, count) = (journal.newest, UInt64(journal.count - journal.index(after: cursor)))
        if filter.isOpen || count <= round.allowance {
            round.begin(count, after: cursor, to: newest)
        } else {
            round.count(after: cursor, to: newest)
        }
    }

    private mutating func count(
        _ round: inout EventSampling, _ found: UInt64, after counted: UInt64
    ) {
        var (found, index) = (found, journal.index(after: counted))
        let end = journal.index(after: round.end)
        var counted = counted
        while index < end, turns.hasRoom {
            let record = journal[index]
            (counted, index) = (record.sequence, index + 1)
            if matches(record) { found += 1 }
        }
        guard index < end else { return round.begin(found, after: cursor, to: round.end) }
        round.count(found, after: counted, to: round.end)
    }

    private mutating func part(of round: inout EventSampling) -> [UInt8]? {
        var index = journal.index(after: cursor)
        let end = journal.index(after: round.end)
        var (batch, leftOut) = (Batch(), 0 as UInt64)
        while index < end, turns.hasRoom, batch.hasRoom {
            if filter.isOpen {
                // Nothing has to be looked at to know that it matches.
                let skipped = min(round.skipped, UInt64(end - index))
                round.skip(skipped)
                (leftOut, index) = (leftOut + skipped, index + Int(skipped))
                guard index < end else { break }
            }
            let record = journal[index]
            index += 1
            guard matches(record) else { continue }
            if round.takes() { append(record, to: &batch) } else { leftOut += 1 }
        }
        cursor = index < end ? journal[index].sequence - 1 : max(cursor, round.end)
        if index == end { round.finish() }
        let word = round.word(leftOut: leftOut).map { EventStream.event("sampled", Array($0.utf8)) }
        let records = batch.count > 0 ? batch.event(id: cursor) : []
        let events = (word ?? []) + records
        isInterrupted = events.isEmpty && index < end
        return events.isEmpty ? nil : events
    }
}
