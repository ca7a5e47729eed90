import Faults
import Records

/// The way of a reader of `/events` through the journal: a cursor to the record that it got last,
/// and how many of those that follow it is given.
struct EventRecords {
    /// Most records of one event.
    static let maximumRecords = 64
    /// Records that are looked at for an event.
    private static let maximumLooked = 4096
    /// Where an event ends, in bytes: one record more, and it is still less than 64 KiB.
    private static let maximumBytes = 44 << 10
    /// Something is sent, so that the rest is asked for.
    private static let more = Array(": more\n\n".utf8)

    private let journal: Journal
    private var filter: RecordFilter
    private var writer: JournalLine
    private var cursor: UInt64
    /// Up to here all are sent.
    private let wholeUntil: UInt64
    private var sampling: EventSampling?

    /// - Parameters:
    ///   - sequence: of the record that it got last.
    ///   - rate: most records in a second that it takes of those that come from now on; nil: all.
    init(
        _ journal: Journal, _ filter: RecordFilter, after sequence: UInt64, rate: Int?,
        seed: UInt64
    ) {
        (self.journal, self.filter, cursor) = (journal, filter, sequence)
        writer = JournalLine(seed: seed)
        sampling = rate.map { EventSampling(rate: $0) }
        wholeUntil = rate == nil ? .max : journal.newest
    }

    /// Whether there is something to be said.
    var hasMore: Bool { cursor < journal.newest || sampling?.owesWord == true }

    mutating func tick(at now: Instant) { sampling?.tick(at: now) }

    /// The next events; nil if there are none now.
    mutating func next() -> [UInt8]? {
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
            let last = min(index + Self.maximumLooked, end)
            var batch = Batch()
            while index < last, batch.hasRoom {
                let record = journal[index]
                (cursor, index) = (record.sequence, index + 1)
                if filter.matches(record) { batch.append(record, &writer) }
            }
            guard batch.count > 0 else { return index < end ? Self.more : nil }
            return batch.event(id: cursor)
        }
    }

    /// The data of an event.
    private struct Batch {
        private var data = [UInt8(ascii: "[")]
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
            return round.stage == .sending ? part(of: &round) : Self.more
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
        let last = min(index + Self.maximumLooked, end)
        while index < last {
            if filter.matches(journal[index]) { found += 1 }
            index += 1
        }
        guard index < end else { return round.begin(found, after: cursor, to: round.end) }
        round.count(found, after: journal[index - 1].sequence, to: round.end)
    }

    private mutating func part(of round: inout EventSampling) -> [UInt8]? {
        var index = journal.index(after: cursor)
        let end = journal.index(after: round.end)
        var (batch, leftOut, looked) = (Batch(), 0 as UInt64, 0)
        while index < end, looked < Self.maximumLooked, batch.hasRoom {
            if filter.isOpen {
                // Nothing has to be looked at to know that it matches.
                let skipped = min(round.skipped, UInt64(end - index))
                round.skip(skipped)
                (leftOut, index) = (leftOut + skipped, index + Int(skipped))
                guard index < end else { break }
            }
            let record = journal[index]
            (index, looked) = (index + 1, looked + 1)
            guard filter.matches(record) else { continue }
            if round.takes() { batch.append(record, &writer) } else { leftOut += 1 }
        }
        cursor = index < end ? journal[index].sequence - 1 : max(cursor, round.end)
        if index == end { round.finish() }
        let word = round.word(leftOut: leftOut).map { EventStream.event("sampled", Array($0.utf8)) }
        let records = batch.count > 0 ? batch.event(id: cursor) : []
        let events = (word ?? []) + records
        return events.isEmpty ? index < end ? Self.more : nil : events
    }
}
