import Records
import Testing

@testable import Sweeping

@Suite struct SweepTableTests {
    private func text(_ report: SweepReport, _ style: TextStyle = TextStyle()) -> String {
        SweepTable(unit: report.unit, style: style).text(report)
    }

    @Test func `a row has all its figures, its mark and what failed`() {
        #expect(
            text(SampleSweeps.queue) == """
                 conc  flags/s ± 95 %   speed-up     p50     p95  errors  server peak
                    1     2.00 ± 0.41       1.0×   .50 s   .75 s     0 %            1
                    2     4.00 ± 0.42       2.0×   .50 s   .75 s     0 %            2
                    4     8.00 ± 0.44       4.0×   .50 s   .75 s     0 %            4
                    8    16.00 ± 0.48       8.0×   .50 s   .75 s     0 %            8 ◂
                   16    15.52 ± 0.56       7.8×   .50 s   .75 s     0 %            8
                   32    16.00 ± 0.72       8.0×   .50 s   .75 s   3.1 %            8
                       503: 3, 418: 2
                   64     16.0 ± 1.0        8.0×   .50 s   .75 s   3.1 %            8
                       503: 3, 418: 2
                ◂ 8: smallest within 5 % of the best
                model: two bounds: .50 s each, at most 16.0/s
                """ + "\n")
    }

    @Test func `footnotes say what is missing, in plain words`() {
        #expect(
            text(SampleSweeps.local) == """
                 conc  flags/s ± 95 %   speed-up     p50     p95  errors  server peak
                    1      120 ± 40         1.0×  8.3 ms   12 ms     0 %            -
                    2      235 ± 40         2.0×  8.3 ms   12 ms     0 %            -
                    4      451 ± 40         3.8×  8.3 ms   12 ms     0 %            -
                    8      830 ± 40         6.9×  8.3 ms   12 ms     0 %            -
                   16     1399 ± 40        11.7×  8.3 ms   12 ms     0 %            -
                   32     2003 ± 40        16.7×  8.3 ms   12 ms     0 %            -
                   64     2214 ± 40        18.5×  8.3 ms   12 ms     0 %            - ◂
                  128     1825 ± 40        15.2×  8.3 ms   12 ms     0 %            -
                ◂ 64: smallest within 5 % of the best
                - no server figures: it is not known whether the client was the limit.
                Tenths of a second far from the others (they count all the same): 2 at 8.
                model: universal scalability law: 120/s for one, contention 0.02, coherency
                  0.00030
                """ + "\n")
    }

    @Test func `a row that the client limited has a star`() {
        #expect(
            text(SampleSweeps.delay) == """
                 conc  flags/s ± 95 %   speed-up     p50     p95  errors  server peak
                    1     2.00 ± ?          1.0×   .50 s   .75 s     0 %            1
                    2     4.00 ± ?          2.0×   .50 s   .75 s     0 %            2
                    4     8.00 ± ?          4.0×   .50 s   .75 s     0 %            4 *
                    8     16.0 ± ?          8.0×   .50 s   .75 s     0 %            8
                   12     24.0 ± ?         12.0×   .50 s   .75 s     0 %           12 ◂
                ◂ 12: smallest within 5 % of the best
                * client-limited: what the client waited for and what the server had to do at
                  once differ by more than 5 %, so the server may be able to do more.
                ± ? too little was measured to say how far off the rate may be.
                model: two bounds: .50 s each, no roof reached
                """ + "\n")
    }

    @Test func `rows printed one by one are those of the whole but for the mark`() {
        let report = SampleSweeps.queue
        let table = SweepTable(unit: "flags", style: TextStyle())
        let lines = report.rows.map { table.line($0, single: 2) }
        let whole = (table.header + lines.joined() + table.footnotes(report))
        #expect(
            whole
                == text(report).split(separator: "\n").map { line in
                    line.hasSuffix(" ◂") ? "\(line.dropLast(2))\n" : "\(line)\n"
                }.joined())
    }

    @Test func `without a row of one there is no speed-up`() {
        let table = SweepTable(unit: "downloads", style: TextStyle())
        #expect(
            table.header + table.line(SampleSweeps.row(7, rate: 0, half: 0, p50: nil), single: nil)
                == """
                 conc  downloads/s ± 95 %   speed-up     p50     p95  errors  server peak
                    7          0.0 ± 0.0           -       -       -     0 %            -
                """ + "\n")
    }

    @Test func `a narrow terminal does without some columns`() {
        #expect(
            text(SampleSweeps.queue, TextStyle(columns: 50)) == """
                 conc  flags/s ± 95 %      p50     p95  errors
                    1     2.00 ± 0.41    .50 s   .75 s     0 %
                    2     4.00 ± 0.42    .50 s   .75 s     0 %
                    4     8.00 ± 0.44    .50 s   .75 s     0 %
                    8    16.00 ± 0.48    .50 s   .75 s     0 % ◂
                   16    15.52 ± 0.56    .50 s   .75 s     0 %
                   32    16.00 ± 0.72    .50 s   .75 s   3.1 %
                       503: 3, 418: 2
                   64     16.0 ± 1.0     .50 s   .75 s   3.1 %
                       503: 3, 418: 2
                ◂ 8: smallest within 5 % of the best
                model: two bounds: .50 s each, at most 16.0/s
                """ + "\n")
        #expect(
            text(SampleSweeps.queue, TextStyle(columns: 20)) == """
                conc flags/s ± 95 %
                   1    2.00 ± 0.41
                   2    4.00 ± 0.42
                   4    8.00 ± 0.44
                   8   16.00 ± 0.48
                  16   15.52 ± 0.56
                  32   16.00 ± 0.72
                  503: 3, 418: 2
                  64    16.0 ± 1.0
                  503: 3, 418: 2
                ◂ 8: smallest
                  within 5 % of the
                  best
                model: two bounds:
                  .50 s each, at
                  most 16.0/s
                """ + "\n")
    }

    @Test func `where there is only ASCII nothing else is written`() {
        #expect(
            text(SampleSweeps.queue, TextStyle(glyphs: .ascii)) == """
                 conc  flags/s +- 95 %   speed-up     p50     p95  errors  server peak
                    1     2.00 +- 0.41       1.0x   .50 s   .75 s     0 %            1
                    2     4.00 +- 0.42       2.0x   .50 s   .75 s     0 %            2
                    4     8.00 +- 0.44       4.0x   .50 s   .75 s     0 %            4
                    8    16.00 +- 0.48       8.0x   .50 s   .75 s     0 %            8 <
                   16    15.52 +- 0.56       7.8x   .50 s   .75 s     0 %            8
                   32    16.00 +- 0.72       8.0x   .50 s   .75 s   3.1 %            8
                       503: 3, 418: 2
                   64     16.0 +- 1.0        8.0x   .50 s   .75 s   3.1 %            8
                       503: 3, 418: 2
                < 8: smallest within 5 % of the best
                model: two bounds: .50 s each, at most 16.0/s
                """ + "\n")
    }

    @Test func `the conclusion is told in lines that fit`() {
        let table = SweepTable(unit: "flags", style: TextStyle(columns: 40, glyphs: .ascii))
        #expect(
            table.sentence(SampleSweeps.queue) == """
                Use 8: the smallest within 5 % of the
                best (16.0 +- 0.5 flags/s).

                """)
    }

    @Test func `colours are in the lines only if they are wanted`() {
        let table = SweepTable(unit: "flags", style: TextStyle(hasColor: true))
        let plain = SweepTable(unit: "flags", style: TextStyle())
        let row = SampleSweeps.queue.rows[6]
        let lines = plain.line(row, single: 2, isRecommended: true).split(separator: "\n")
        #expect(
            table.line(row, single: 2, isRecommended: true)
                == "\u{1b}[32m\(lines[0])\u{1b}[0m\n\u{1b}[31m\(lines[1])\u{1b}[0m\n")
        #expect(table.header == "\u{1b}[1m\(plain.header.dropLast())\u{1b}[0m\n")
    }

    @Test func `many kinds of failures and many outliers are only counted`() {
        let kinds = (1...20).map { (kind: "kind-\($0)", count: $0) }
        let row = SampleSweeps.row(2, rate: 1, half: 1, failures: kinds, outliers: 1)
        let report = SampleSweeps.report(Array(repeating: row, count: 10))
        #expect(text(report).contains("       7, kind-8: 8 and 12 more kinds\n"))
        #expect(text(report).contains("1 at 2 and in 2 more rows.\n"))
    }

    @Test func `no line of a table is longer than its terminal, whatever was measured`() {
        for (columns, glyphs) in [
            (20, .braille), (33, .ascii), (80, .braille),
        ] as [(Int, TextStyle.Glyphs)] {
            let style = TextStyle(columns: columns, glyphs: glyphs)
            let table = SweepTable(unit: "flags", style: style)
            for report in SampleSweeps.strange {
                let all = table.text(report) + table.sentence(report)
                let lines = all.split(separator: "\n")
                #expect(lines.allSatisfy { $0.columns <= columns }, "\(columns)")
                guard glyphs == .ascii else { continue }
                #expect(lines.allSatisfy { $0.utf8.allSatisfy { (32..<127).contains($0) } })
            }
        }
        #expect(!text(SampleSweeps.delay, TextStyle(columns: 0)).contains("1"))
        #expect(text(SampleSweeps.report([])).hasSuffix("\nNothing was measured.\n"))
    }
}
