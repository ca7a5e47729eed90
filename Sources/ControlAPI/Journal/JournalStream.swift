import ChaosProxy
import HTTPWire
import Records

/// Records as NDJSON, made while the client takes them. It ends with the record that was the newest
/// when it was asked for.
///
/// A client so slow that records have fallen out of the ring before it took them is told so in
/// their place, by a line `{"lost":12}`: lines that are missing must not look as if they had never
/// been.
final class JournalStream: ResponseStream {
    private static let maximumRecords = 128
    /// Where a piece ends, in bytes: one line more, and it is still less than 64 KiB.
    private static let maximumBytes = 44 << 10

    private let journal: Journal
    private var filter: RecordFilter
    private var writer: JournalLine
    /// The sequence number that was read last.
    private var cursor: UInt64
    private let end: UInt64

    /// - Parameter sequence: the first record has a greater one.
    init(
        _ journal: Journal, _ filter: RecordFilter, after sequence: UInt64, forgotten: UInt64,
        seed: UInt64
    ) {
        (self.journal, self.filter) = (journal, filter)
        writer = JournalLine(seed: seed)
        cursor = max(sequence, journal.lastForgotten)
        end = journal.newest
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
        while index < journal.count, count < Self.maximumRecords, bytes.count < Self.maximumBytes {
            let record = journal[index]
            guard record.sequence <= end else { break }
            cursor = record.sequence
            index += 1
            guard filter.matches(record) else { continue }
            writer.append(record, to: &bytes)
            count += 1
        }
        return bytes.isEmpty ? .end : .bytes(bytes)
    }

    private func noteLost(_ bytes: inout [UInt8]) {
        let lastLost = min(journal.lastForgotten, end)
        guard lastLost > cursor else { return }
        bytes.append("{\"lost\":")
        bytes.append(decimal: lastLost - cursor)
        bytes.append("}\n")
        cursor = lastLost
    }
}
