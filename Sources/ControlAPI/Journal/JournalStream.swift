import ChaosProxy
import HTTPWire
import Records

/// Records as NDJSON, made while the client takes them. It ends with the record that was the newest
/// when it was asked for.
///
/// A client so slow that records have fallen out of the ring before it took them is told so in
/// their place, by a line `{"lost":12}`: lines that are missing must not look as if they had never
/// been.
final class JournalStream: ResponseStream, ScanTurns.Reader {
    private static let maximumRecords = 128
    /// Where a piece ends, in bytes: one line more, and it is still less than 64 KiB.
    private static let maximumBytes = 44 << 10

    private let journal: Journal
    private let turns: ScanTurns
    private var filter: RecordFilter
    private var writer: JournalLine
    /// The sequence number that was read last.
    private var cursor: UInt64
    private let end: UInt64

    /// - Parameters:
    ///   - sequence: the first record has a greater one.
    ///   - end: the last one has no greater one.
    ///   - forgotten: how many of those that were asked for had fallen out of the ring by then.
    init(
        _ journal: Journal, _ filter: RecordFilter, after sequence: UInt64, until end: UInt64,
        forgotten: UInt64, seed: UInt64, _ turns: ScanTurns
    ) {
        (self.journal, self.filter, self.turns) = (journal, filter, turns)
        writer = JournalLine(seed: seed)
        (cursor, self.end) = (sequence, end)
        var fields = [
            HTTPField("Content-Type", "application/x-ndjson"),
            HTTPField("Cache-Control", "no-store"),
        ]
        if forgotten > 0 { fields.append(HTTPField("X-Flagserver-Forgotten", "\(forgotten)")) }
        super.init(200, fields: fields)
    }

    override func next() -> Piece {
        var bytes: [UInt8] = []
        noteLost(&bytes)
        var count = 0
        var index = journal.index(after: cursor)
        let last = journal.index(after: end)
        while index < last, turns.hasRoom, count < Self.maximumRecords,
            bytes.count < Self.maximumBytes
        {
            let record = journal[index]
            cursor = record.sequence
            index += 1
            turns.spend(filter.steps(for: record))
            guard filter.matches(record) else { continue }
            let before = bytes.count
            writer.append(record, to: &bytes)
            turns.spend(bytes: bytes.count - before)
            count += 1
        }
        guard bytes.isEmpty else { return .bytes(bytes) }
        guard index < last else { return .end }
        turns.wait(for: self)
        return .later
    }

    func turnCame() { onMore?() }

    private func noteLost(_ bytes: inout [UInt8]) {
        let lastLost = min(journal.lastForgotten, end)
        guard lastLost > cursor else { return }
        bytes.append("{\"lost\":")
        bytes.append(decimal: lastLost - cursor)
        bytes.append("}\n")
        cursor = lastLost
    }
}
