import Faults
import HTTPWire

/// More lines than anybody can read: from then on there is one line with counts, until it is calm
/// again. Knows no clock: the records say when they were over.
struct LogFlood: Sendable {
    /// Lines that are written in a second.
    static let maximumLines = 50

    private static let second: Int64 = 1_000_000_000

    private var start = Int64.min
    private var count = 0
    /// Whether there were too many in the second before.
    private var wasFlood = false
    /// What has been folded since the last line that stands.
    private var totals = RecordTotals()
    private var refused: UInt64 = 0
    private var folded: (first: Int64, last: Int64)?

    /// Whether something is folded.
    var isEmpty: Bool { folded == nil }

    /// - Returns: whether `record` is one too many; it is then counted.
    mutating func folds(_ record: ExchangeRecord) -> Bool {
        if record.time < start || record.time >= start &+ Self.second { begin(at: record.time) }
        count += 1
        guard wasFlood || count > Self.maximumLines else { return false }
        totals.add(record)
        if record.refusal != nil { refused += 1 }
        folded = (folded?.first ?? record.time, record.time)
        return true
    }

    private mutating func begin(at time: Int64) {
        // After a second without any it is calm.
        let isNext = time >= start && time < start &+ 2 * Self.second
        wasFlood = isNext && count > Self.maximumLines
        (start, count) = (time, 0)
    }

    /// What was folded stands in a line.
    mutating func forget() {
        (totals, refused, folded) = (RecordTotals(), 0, nil)
    }

    /// `14:02:01.120 12345 exchanges in 3.2 s: 200 × 11000, 503 × 1345`
    func text(width: Int) -> String {
        guard let folded else { return "" }
        var (clock, time) = ([UInt8](), RecordTime())
        time.append(clock: folded.last, to: &clock)
        let tenths = max(folded.last - folded.first, 0) / 100_000_000
        let text =
            "\(String(decoding: clock, as: UTF8.self)) \(totals.count) exchange"
            + (totals.count == 1 ? "" : "s")
            + " in \(tenths / 10).\(tenths % 10) s: \(counts.joined(separator: ", "))"
        return text.cut(to: width)
    }

    private var counts: [String] {
        let special = [
            ("unplanned errors", totals.unplanned), ("gave up", totals.gaveUp),
            ("refused", refused),
        ]
        let statuses = totals.statuses.sorted {
            ($0.status?.code ?? 999) < ($1.status?.code ?? 999)
        }
        return special.filter { $0.1 > 0 }.map { "\($0) \($1)" }
            + statuses.map { "\($0.status.map { "\($0.code)" } ?? "---") × \($0.count)" }
    }
}
