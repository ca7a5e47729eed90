import Records
import Testing

@testable import Sweeping

@Suite struct BenchTextTests {
    static let latencies = BenchReport.Latencies(
        p50: 0.5, p90: 0.612, p95: 0.7, p99: 1.31, p999: 2.2, max: 12.34)

    static func report(
        offered: Double = 10, achieved: Double, latencies: BenchReport.Latencies? = latencies,
        failures: [(kind: String, count: Int)] = []
    ) -> BenchReport {
        BenchReport(
            name: "DELAY", offered: offered, achieved: achieved, planned: 300, seconds: 30,
            latencies: latencies, failures: failures)
    }

    private func text(_ report: BenchReport, _ style: TextStyle = TextStyle()) -> String {
        BenchText(style: style).text(report)
    }

    @Test func `percentiles stand in a row, from the planned start`() {
        #expect(
            text(Self.report(achieved: 9.984, failures: [("418", 12), ("timeout", 9)])) == """
                DELAY: 300 requests planned in 30.0 s
                offered 10/s, achieved 9.98/s
                latency from the planned start
                     p50     p90     p95     p99   p99.9     max
                   .50 s   .61 s   .70 s  1.31 s  2.20 s  12.3 s
                failed: 418: 12, timeout: 9

                """)
    }

    @Test func `percentiles are no facts while a queue grows`() {
        #expect(
            text(Self.report(achieved: 5.5)) == """
                DELAY: 300 requests planned in 30.0 s
                offered 10/s, achieved 5.5/s: the queue grows
                No percentiles: while the queue grows, they tell how long was measured, not
                  how fast the server is.

                """)
    }

    @Test func `98 % is enough`() {
        #expect(Self.report(offered: 100, achieved: 98).keepsUp)
        #expect(!Self.report(offered: 100, achieved: 97.9).keepsUp)
        #expect(!Self.report(offered: .nan, achieved: 1).keepsUp)
        #expect(!Self.report(offered: 1, achieved: .nan).keepsUp)
    }

    @Test func `nothing succeeded is said`() {
        #expect(
            text(Self.report(achieved: 10, latencies: nil, failures: [("503", 300)])).hasSuffix(
                "\nNothing succeeded.\nfailed: 503: 300\n"))
    }

    @Test func `a narrow terminal has a percentile a line`() {
        #expect(
            text(Self.report(achieved: 10), TextStyle(columns: 20, glyphs: .ascii)).hasSuffix(
                """
                latency from the
                  planned start
                p50    .50 s
                p90    .61 s
                p95    .70 s
                p99    1.31 s
                p99.9  2.20 s
                max    12.3 s

                """))
    }

    @Test func `no line is longer than its terminal, whatever was measured`() {
        let numbers = [0, -1, 1e300, .infinity, .nan, 1e-9]
        for (index, number) in numbers.enumerated() {
            let report = BenchReport(
                name: String(repeating: "é", count: 200), offered: number,
                achieved: numbers[5 - index],
                planned: .max, seconds: number,
                latencies: .init(
                    p50: number, p90: number, p95: number, p99: number, p999: number, max: number),
                failures: [("\u{1b}[2J", .max)])
            for columns in [20, 80] {
                let lines = text(report, TextStyle(columns: columns)).split(separator: "\n")
                #expect(lines.allSatisfy { $0.columns <= columns })
                #expect(lines.allSatisfy { !$0.contains("\u{1b}") })
            }
        }
    }
}
