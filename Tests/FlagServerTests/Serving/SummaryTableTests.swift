import HTTPWire
import Records
import TestSupport
import Testing

@testable import ChaosProxy
@testable import flagserver

struct SummaryTableTests {
    /// A server that has answered.
    private func row(
        _ name: String, ok: Int = 0, injected: [HTTPStatus] = [], limit: Int? = nil,
        _ change: (inout ProxyCounters) -> Void = { _ in }
    ) -> SummaryTable.Row {
        var counters = ProxyCounters()
        for _ in 0..<ok {
            var record = SampleRecords.served(1)
            record.duration = 1_234_000
            counters.recorded.add(record)
        }
        for status in injected {
            var record = SampleRecords.served(1)
            record.faults = [SampleRecords.respond(status, draw: nil)]
            (record.status, record.duration) = (RecordStatus(status), 500_400_000)
            counters.recorded.add(record)
        }
        counters.requests = UInt64(ok + injected.count)
        change(&counters)
        return SummaryTable.Row(name: name, counters: counters, limit: limit)
    }

    private var rows: [SummaryTable.Row] {
        [
            row("LOCAL", ok: 10) { $0.peak = 3 },
            row("DELAY"),
            row("ERROR", ok: 3, injected: [503, 418, 503], limit: 5) {
                ($0.peak, $0.refused) = (5, 2)
                var left = SampleRecords.served(1)
                (left.status, left.hasGivenUp, left.ending) = (nil, true, .clientFin)
                (left.queued, left.duration) = (1_250_000_000, 2_000_000_000)
                $0.recorded.add(left)
                var lost = SampleRecords.served(1)
                (lost.status, lost.ending) = (nil, .error)
                $0.recorded.add(lost)
                var missing = SampleRecords.served(1)
                missing.status = 404
                $0.recorded.add(missing)
                $0.requests = 9
            },
        ]
    }

    private func lines(_ rows: [SummaryTable.Row], width: Int?) -> [String] {
        SummaryTable.text(rows, width: width).split(separator: "\n").map(String.init)
    }

    @Test func `each server that was asked has a line`() {
        let wanted = [
            "                                 not  gave      un-                  peak/   queue",
            "server  requests  ok  refused  found    up  planned     p50     p95  limit    wait"
                + "  injected",
            "LOCAL         10  10        0      0     0        0  1.2 ms  1.2 ms      3       -"
                + "  -",
            "ERROR          9   3        2      1     1        1  1.2 ms     2 s    5/5  1.25 s"
                + "  418 × 1, 503 × 2",
        ]
        #expect(lines(rows, width: nil) == wanted)
        #expect(lines(rows, width: 120) == wanted)
    }

    @Test func `80 columns are enough, with the errors below`() {
        #expect(
            lines(rows, width: 80) == [
                "                             not gave     un-               peak/  queue",
                "server requests ok refused found   up planned    p50    p95 limit   wait",
                "LOCAL        10 10       0     0    0       0 1.2 ms 1.2 ms     3      -",
                "ERROR         9  3       2     1    1       1 1.2 ms    2 s   5/5 1.25 s",
                "       injected: 418 × 1, 503 × 2",
            ])
    }

    @Test func `the largest numbers and long names fit into 80 columns`() {
        let full = row("a-rather-long-name-of-a-proxy", ok: 1, injected: [400, 418, 500, 502, 503])
        {
            ($0.requests, $0.refused, $0.peak) = (.max / 1_000_000_000, 987_654_321, 9999)
        }
        let many = row("b", ok: 1, limit: 10_000) { $0.requests = 999_999 }
        for line in lines([full, many], width: 80) { #expect(line.columns <= 80, "\(line)") }
    }

    @Test func `errors that do not fit into a line go on below it`() {
        let server = row("ERROR", injected: [400, 401, 402, 403, 404, 405, 406, 407, 408, 409])
        let first = "injected: 400 × 1, 401 × 1, 402 × 1, 403 × 1, 404 × 1, 405 × 1, 406 × 1,"
        #expect(
            Array(lines([server], width: 79).dropFirst(3)) == [
                "       \(first)", "       407 × 1, 408 × 1, 409 × 1",
            ])
        #expect(
            Array(lines([server], width: 78).dropFirst(3)) == [
                "       \(first.dropLast(3))", "       1, 407 × 1, 408 × 1, 409 × 1",
            ])
    }

    @Test func `on the narrowest terminal errors have 20 columns`() {
        let many = [HTTPStatus](repeating: 400, count: 100) + [401, 402, 403]
        let table = lines([row("ERROR", injected: many)], width: 20)
        #expect(
            Array(table.dropFirst(3)) == [
                "       injected: 400 × 100,", "       401 × 1, 402 × 1,", "       403 × 1",
            ])
    }

    @Test func `what is just as wide as the terminal is left as it is`() {
        let table = lines(rows, width: nil)
        let columns = table.map(\.columns).max()
        #expect(lines(rows, width: columns) == table)
        #expect(lines(rows, width: columns.map { $0 - 1 }) != table)
    }

    @Test(arguments: [
        (3, ["charfinder-tcp", "charfinder-http"]), (1000, ["charfi…er-tcp", "charfi…r-http"]),
    ])
    func `names that begin alike can be told from each other in 80 columns`(
        _ count: Int, _ names: [String]
    ) {
        let rows = ["charfinder-tcp", "charfinder-http"].map { row($0, ok: count) }
        let table = lines(rows, width: 80)
        #expect(table.dropFirst(2).map { String($0.prefix { $0 != " " }) } == names)
        #expect(table.allSatisfy { $0.columns <= 80 })
    }

    @Test(arguments: [(1, "…"), (2, "…g"), (5, "ab…fg"), (6, "ab…efg"), (7, "abcdefg")])
    func `what is cut inside keeps both ends`(columns: Int, text: String) {
        #expect("abcdefg".cutInside(to: columns) == text)
    }

    @Test func `without errors there is no column for them`() {
        #expect(!SummaryTable.text([row("LOCAL", ok: 1)], width: 120).contains("injected"))
    }

    @Test func `if nobody has asked there is no table`() {
        #expect(SummaryTable.text([row("LOCAL"), row("DELAY")], width: 80).isEmpty)
    }

    @Test func `an error of a protocol without statuses is counted alone`() {
        let redis = row("redis") {
            var record = SampleRecords.served(1)
            record.faults = [SampleRecords.respond(503, draw: nil)]
            record.status = nil
            $0.recorded.add(record)
        }
        #expect(lines([redis], width: nil).last?.hasSuffix("  1") == true)
    }

    @Test(
        arguments: [
            (0, "0"), (999_999, "999999"), (1_000_000, "1.00 M"), (1_239_999, "1.23 M"),
            (12_345_678_901, "12.34 G"),
        ] as [(UInt64, String)])
    func `counts are short`(count: UInt64, text: String) {
        #expect(SummaryTable.count(count) == text)
    }

    @Test(
        arguments: [
            (0, "0 ms"), (123_456, "0.12 ms"), (1_250_000, "1.3 ms"), (12_345_000, "12 ms"),
            (999_400_000, "999 ms"), (999_600_000, "1 s"), (1_254_000_000, "1.25 s"),
            (61_000_000_000, "61 s"),
        ] as [(UInt64, String)])
    func `times are short`(time: UInt64, text: String) {
        #expect(SummaryTable.time(time) == text)
    }
}
