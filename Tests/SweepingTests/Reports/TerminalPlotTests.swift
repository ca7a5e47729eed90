import Records
import Testing

@testable import Sweeping

@Suite struct TerminalPlotTests {
    private func text(
        _ report: SweepReport, _ columns: Int, _ rows: Int,
        _ glyphs: TextStyle.Glyphs = .braille, hasColor: Bool = false
    ) -> String {
        let style = TextStyle(columns: columns, glyphs: glyphs, hasColor: hasColor)
        return TerminalPlot(style: style, rows: rows).text(report)
    }

    @Test func `curves are of braille dots, on a logarithmic axis`() {
        #expect(
            text(SampleSweeps.local, 80, 20) == """
                LOCAL: flags/s
                3000 ┤                                                ⡀            ┊
                     │                                               ⠄             ┊
                     │                                              ⠂              ┊
                     │                                            ⡀⠁           ⣀⣀⡠⠤┊⠤◆⣀⣀⡀
                2000 ┤                                           ⠂       ⢀●⠔⠒⠉⠉    ┊    ⠈⠉⠒⠢⢄⡀
                     │                                         ⠄⠁    ⢀⡠⠔⠊⠁         ┊         ⠈⠑●
                     │                                       ⠄⠁   ⣀⠔⠊⠁             ┊
                     │                                    ⡀⠄⠁ ⢀⠤●⠉                 ┊
                     │                                  ⠄⠂⢀⡠⠔⠊⠁                    ┊
                1000 ┤                              ⡀⠄⣀⠤⠔⠊⠁                        ┊
                     │                          ⡀⣀⠤⠔⠒●                             ┊
                     │                   ⢀⣀●⠤⠔⠒⠉⠉                                  ┊
                     │       ⢀⣀⣀●⡠⠤⠤⠔⠒⠒⠊⠉⠁                                         ┊
                   0 ┤●⠒⠉⠉⠉⠉⠉⠁                                                     ┊
                     └┬─────────┬──────────┬─────────┬──────────┬─────────┬──────────┬─────────┬
                      1         2          4         8          16        32         64      128
                                                               concurrent downloads, logarithmic
                ● measured   ◆ recommended   ⠤⠒⠉ model: universal scalability law   ⠄⠂⠁ ideal
                ┊ knee 57
                """ + "\n")
    }

    @Test func `curves are of quarter blocks where there is no braille`() {
        #expect(
            text(SampleSweeps.queue, 60, 16, .blocks) == """
                queue of 8: flags/s
                20 ┤                            ┊ ·
                   │                            ┊·
                   │                          ▗▞◆▀▀▀▀▀▀▀▀●▀▀▀▀▀▀▀▀●▀▀▀▀▀▀▀▀●
                   │                        ▗▞▘ ┊
                   │                     ▗▄▀▘   ┊
                10 ┤                  ●▄▀▘      ┊
                   │              ▗▄▞▀▘         ┊
                   │        ▗●▄▄▀▀▘             ┊
                   │●▄▄▄▀▀▀▀▘                   ┊
                 0 ┤                            ┊
                   └┬────────┬────────┬─────────┬────────┬────────┬────────┬
                    1        2        4         8        16       32      64
                                           concurrent downloads, logarithmic
                ● measured   ◆ recommended   ▄▀ model: two bounds   · ideal
                ┊ knee 8
                """ + "\n")
    }

    @Test func `ASCII is enough`() {
        let plot = text(SampleSweeps.queue, 60, 16, .ascii)
        #expect(
            plot == """
                queue of 8: flags/s
                20 +                            : .
                   |                            :.
                   |                           *@********o********o********o
                   |                        *** :
                   |                      **    :
                10 +                  o***      :
                   |              ****          :
                   |       **o****              :
                   |o******                     :
                 0 +                            :
                   ++--------+--------+---------+--------+--------+--------+
                    1        2        4         8        16       32      64
                                           concurrent downloads, logarithmic
                o measured   @ recommended   * model: two bounds   . ideal
                : knee 8
                """ + "\n")
        #expect(plot.utf8.allSatisfy { $0 == 10 || (32..<127).contains($0) })
    }

    @Test func `few numbers stand on a linear axis, without a knee if there is none`() {
        #expect(
            text(SampleSweeps.delay, 60, 16) == """
                DELAY: flags/s
                30 ┤
                   │
                   │                                                 ⣀⣀⠤⠔⠒⠊◆
                20 ┤                                          ⣀⣀⠤⠔⠒⠊⠉
                   │                                   ⣀⡠●⠔⠒⠊⠉
                   │                            ⣀⡠⠤⠔⠒⠉⠉
                10 ┤                    ⢀⣀⡠⠤⠔⠒⠉⠉
                   │             ⢀⣀⡠⠤⠒●⠉⠁
                   │      ⢀⣀⡠●⠒⠒⠉⠁
                 0 ┤⡀⠄⠄⠂●⠉⠁
                   └┬────────┬────────┬─────────┬────────┬────────┬────────┬
                    0        2        4         6        8        10      12
                                                        concurrent downloads
                ● measured   ◆ recommended   ⠤⠒⠉ model: two bounds
                ⠄⠂⠁ ideal
                """ + "\n")
    }

    @Test func `twenty columns are enough`() {
        #expect(
            text(SampleSweeps.queue, 20, 12) == """
                queue of 8: flags/s
                20 ┤        ┊
                   │       ⢠◆⠒●⠒⠒●⠒●
                   │      ⡠⠃┊
                10 ┤    ⢀●⠁ ┊
                   │  ●⠔⠁   ┊
                 0 ┤●⠉      ┊
                   └┬─────────┬─────
                    1         16
                          concurrent
                ● measured
                ◆ recommended
                """ + "\n")
        #expect(text(SampleSweeps.queue, 19, 12) == "no room for a plot\n")
        #expect(text(SampleSweeps.queue, 10, 12) == "no room f…\n")
        #expect(text(SampleSweeps.queue, 80, 7) == "no room for a plot\n")
        #expect(text(SampleSweeps.queue, 80, 0) == "")
    }

    @Test func `one row is a point, none is a line of words`() {
        let row = SampleSweeps.row(5, rate: 3, half: 1)
        #expect(
            text(SampleSweeps.report([row]), 30, 9) == """
                X: flags/s
                5 ┤
                  │                          ●
                  │
                0 ┤
                  └┬─────────┬──────────┬─────
                   0         2          4
                          concurrent downloads
                ● measured
                """ + "\n")
        #expect(text(SampleSweeps.report([]), 30, 9) == "X: nothing to draw\n")
    }

    @Test func `colours change nothing but the colours`() {
        let colored = text(SampleSweeps.local, 80, 20, hasColor: true)
        var plain = ""
        for (index, part) in colored.split(separator: "\u{1b}").enumerated() {
            plain += index == 0 ? part : part.drop { $0 != "m" }.dropFirst()
        }
        #expect(colored.contains("\u{1b}[32m◆\u{1b}[0m"))
        #expect(
            plain.split(separator: "\n").map { String($0).withoutLastBlanks }
                == text(SampleSweeps.local, 80, 20).split(separator: "\n").map {
                    String($0).withoutLastBlanks
                })
    }

    @Test func `no plot is larger than its room, whatever was measured`() {
        for (columns, rows) in [(20, 8), (31, 9), (80, 24)] {
            for glyphs in [TextStyle.Glyphs.braille, .blocks, .ascii] {
                for report in SampleSweeps.strange {
                    let lines = text(report, columns, rows, glyphs)
                        .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                    #expect(lines.count <= rows)
                    #expect(lines.allSatisfy { $0.columns <= columns })
                    guard glyphs == .ascii else { continue }
                    #expect(lines.allSatisfy { $0.utf8.allSatisfy { (32..<127).contains($0) } })
                }
            }
        }
    }

    @Test func `the largest terminal is bounded`() {
        let lines = text(SampleSweeps.local, .max, .max).split(separator: "\n")
        #expect(lines.count == 500)
        #expect(lines.map(\.columns).max() == 1000)
    }
}
