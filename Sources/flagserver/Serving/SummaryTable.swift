import ChaosProxy
import Faults
import Records

/// What happened, a line for each server: told at the end.
struct SummaryTable {
    /// A server or proxy over a whole run.
    struct Row {
        /// As it stands in the first column.
        let name: String
        let counters: ProxyCounters
        /// Of the requests in flight; nil: there is none.
        let limit: Int?

        /// Whether anybody has asked it for anything.
        var wasAsked: Bool { counters.requests > 0 || counters.recorded.count > 0 }
    }

    /// Two lines of a head, over numbers.
    private static let titles = [
        ["", "server"], ["", "requests"], ["", "ok"], ["", "refused"], ["not", "found"],
        ["gave", "up"], ["un-", "planned"], ["", "p50"], ["", "p95"], ["peak/", "limit"],
        ["queue", "wait"],
    ]
    private static let injectedTitle = "injected"
    /// What every name has room for, in columns.
    private static let shortName = 8

    /// - Parameter width: of the terminal, in columns; nil: any.
    /// - Returns: lines with their newlines; nothing if nobody has asked for anything.
    static func text(_ rows: [Row], width: Int?) -> String {
        let rows = rows.filter(\.wasAsked)
        guard !rows.isEmpty else { return "" }
        for (gap, isInline) in [(2, true), (1, true), (2, false)] {
            let table = lines(rows, gap: gap, isInline: isInline, width: width)
            if table.allSatisfy({ $0.columns <= width ?? .max }) { return joined(table) }
        }
        let shortened = shortened(rows, width)
        return joined(lines(shortened, gap: 1, isInline: false, width: width))
    }

    private static func joined(_ lines: [String]) -> String { lines.map { "\($0)\n" }.joined() }

    /// Names have what the columns behind them leave.
    private static func shortened(_ rows: [Row], _ width: Int?) -> [Row] {
        let names = rows.map(\.name.printable)
        let longest = names.map(\.columns).max() ?? 0
        let table = lines(rows, gap: 1, isInline: false, width: width)
        let excess = (table.map(\.columns).max() ?? 0) - (width ?? .max)
        let room = max(longest - max(excess, 0), shortName)
        return zip(rows, names).map { row, name in
            Row(name: name.cutInside(to: room), counters: row.counters, limit: row.limit)
        }
    }

    /// - Parameter isInline: whether the injected errors are the last column; else they stand below
    ///   the line of their server.
    private static func lines(_ rows: [Row], gap: Int, isInline: Bool, width: Int?) -> [String] {
        let cells = rows.map(cells)
        let injected = rows.map { Self.injected($0.counters.recorded) }
        let hasInjected = injected.contains { $0 != "-" }
        let widths = titles.indices.map { column in
            (cells.map { $0[column] } + titles[column]).map(\.columns).max() ?? 0
        }
        let space = String(repeating: " ", count: gap)
        func line(_ cells: [String], _ last: String) -> String {
            let aligned = zip(cells, widths).enumerated().map { index, cell in
                index == 0 ? cell.0.padded(to: cell.1) : cell.0.indented(to: cell.1)
            }
            let tail = isInline && hasInjected && !last.isEmpty ? "  \(last)" : ""
            return aligned.joined(separator: space) + tail
        }
        var lines = [
            line(titles.map { $0[0] }, ""), line(titles.map { $0[1] }, injectedTitle),
        ]
        for (cells, injected) in zip(cells, injected) {
            lines.append(line(cells, injected))
            guard !isInline, injected != "-" else { continue }
            let indent = String(repeating: " ", count: widths[0] + gap)
            let text = "\(injectedTitle): \(injected)"
            lines += text.wrapped(to: width.map { max($0 - indent.count, 20) }).map { indent + $0 }
        }
        return lines
    }

    // MARK: Cells

    private static func cells(_ row: Row) -> [String] {
        let (counters, recorded) = (row.counters, row.counters.recorded)
        let counts = [
            counters.requests, recorded.ok, counters.refused, recorded.notFound,
            recorded.gaveUp, recorded.unplanned,
        ]
        let times = [0.5, 0.95].map { recorded.latencies.quantile($0).map(time) ?? "-" }
        let peak = "\(counters.peak)" + (row.limit.map { "/\($0)" } ?? "")
        let wait = recorded.longestQueued > 0 ? time(recorded.longestQueued) : "-"
        return [row.name.printable] + counts.map(count) + times + [peak, wait]
    }

    /// `418 × 51, 503 × 50`
    private static func injected(_ totals: RecordTotals) -> String {
        let parts = totals.injected.map { status, count in
            (status.map { "\($0.code) × " } ?? "") + Self.count(count)
        }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    /// In at most six digits: the exact number of requests stands in the line below.
    static func count(_ count: UInt64) -> String {
        for (unit, name) in [(1_000_000_000, "G"), (1_000_000, "M")] as [(UInt64, String)]
        where count >= unit {
            let hundredths = count % unit / (unit / 100)
            return "\(count / unit).\(hundredths / 10)\(hundredths % 10) \(name)"
        }
        return "\(count)"
    }

    /// `0.12 ms`, `1.2 ms`, `500 ms`, `1.25 s`, `125 s`
    static func time(_ time: Nanoseconds) -> String {
        let (value, unit) =
            time < 999_500_000 ? (Double(time) / 1e6, "ms") : (Double(time) / 1e9, "s")
        let decimals: Double = value < 1 ? 100 : value < 10 ? (unit == "s" ? 100 : 10) : 1
        return "\(Notation.shortest((value * decimals).rounded() / decimals)) \(unit)"
    }
}
