import Testing

@testable import flagserver

struct ProgressBarTests {
    private static let second: UInt64 = 1_000_000_000

    private static func bar(
        _ total: Int = 100, blocks: Bool = true, color: Bool = false, start: UInt64 = 0
    ) -> ProgressBar {
        ProgressBar(
            total: total, style: ProgressStyle(usesBlocks: blocks, usesColor: color), start: start)
    }

    @Test func `It begins without a rate`() {
        var bar = Self.bar()
        #expect(
            bar.line(done: 0, columns: 80, at: 0)
                == "\r  0%|\(String(repeating: " ", count: 50))| 0/100 [00:00<?, ?it/s]")
        #expect(
            bar.line(done: 0, columns: 80, at: 2 * Self.second)
                == "\r  0%|\(String(repeating: " ", count: 50))| 0/100 [00:02<?, ?it/s]")
    }

    @Test func `It ends as the book shows it`() {
        var bar = Self.bar()
        #expect(
            bar.finalLine(done: 100, columns: 79, at: 1_016_260_000)
                == "\r100%|████████████████████████████████████████| "
                + "100/100 [00:01<00:00, 98.4it/s]\n")
    }

    @Test func `Eighths of a column are shown, or whole marks where there are none`() {
        var bar = Self.bar(200)
        #expect(
            bar.line(done: 101, columns: 60, at: Self.second)
                == "\r 50%|██████████▌          | 101/200 [00:01<00:00,  101it/s]")
        var plain = Self.bar(200, blocks: false)
        #expect(
            plain.line(done: 101, columns: 60, at: Self.second)
                == "\r 50%|##########           | 101/200 [00:01<00:00,  101it/s]")
    }

    @Test func `Every eighth has its mark`() {
        let marks = (0...8).map { done -> Substring in
            var bar = Self.bar(8 * 14)
            return bar.line(done: done, columns: 44, at: 0).split(separator: "|")[1]
        }
        #expect(
            marks.map { $0.prefix(1) }
                == [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"].map { Substring($0) })
    }

    @Test(arguments: [Int.min, 0, 39, 40, 41, 79, 80, 132, 200, 201, Int.max])
    func `It leaves the last column free, between 40 and 200`(columns: Int) {
        for done in [0, 1, 99, 676] {
            var bar = Self.bar(676)
            let line = bar.line(done: done, columns: columns, at: 3_000 * Self.second)
            #expect(line.count == min(max(columns, 40), 200))
        }
    }

    @Test func `Where there is no room for all, bar and count are left`() {
        var bar = Self.bar(676)
        #expect(
            bar.line(done: 338, columns: 40, at: Self.second)
                == "\r 50%|████████████▌            | 338/676")
    }

    @Test func `A shorter line is followed by blanks, and nothing is cleared with codes`() {
        var bar = Self.bar(10, blocks: false)
        let wide = bar.line(done: 1, columns: 100, at: Self.second)
        let narrow = bar.line(done: 2, columns: 60, at: 2 * Self.second)
        #expect(wide.count == 100 && narrow.count == 100)
        #expect(narrow.hasSuffix("it/s]" + String(repeating: " ", count: 40)))
        #expect(bar.cleared() == "\r\(String(repeating: " ", count: 59))\r")
        #expect(bar.cleared() == "")
        #expect(bar.line(done: 2, columns: 60, at: 3 * Self.second).count == 60)
    }

    @Test func `What is done is green where there is colour, and counts no column`() {
        var bar = Self.bar(10, blocks: false, color: true)
        let line = bar.line(done: 5, columns: 60, at: 0)
        #expect(line.hasPrefix("\r 50%|\u{1b}[32m###############\u{1b}[0m "))
        #expect(line.count == 60 + 9)
        var empty = Self.bar(10, blocks: false, color: true)
        #expect(empty.line(done: 0, columns: 60, at: 0).count == 60)
    }

    @Test func `It is drawn at most every 0.1 s`() {
        var bar = Self.bar()
        #expect(bar.isDue(at: 5))
        _ = bar.line(done: 0, columns: 80, at: 5)
        #expect(!bar.isDue(at: 5) && !bar.isDue(at: 100_000_004) && !bar.isDue(at: 0))
        #expect(bar.isDue(at: 100_000_005) && bar.isDue(at: .max))
    }

    @Test(
        arguments: [
            (59, "00:59"), (60, "01:00"), (3_599, "59:59"), (3_600, "1:00:00"),
            (359_999, "99:59:59"), (360_000, "?"), (UInt64.max / 1_000_000_000, "?"),
        ] as [(UInt64, String)])
    func `Hours are shown where there are any`(seconds: UInt64, text: String) {
        var bar = Self.bar()
        let line = bar.finalLine(done: 0, columns: 80, at: seconds * Self.second)
        #expect(line.contains("[\(text)<?, ?it/s]"))
    }

    @Test(arguments: [
        (1, 1_000, "1.00it/s"), (9_994, 1_000_000, "9.99it/s"), (9_996, 1_000_000, "10.0it/s"),
        (98_400, 1_000_000, "98.4it/s"), (9_996, 100_000, " 100it/s"), (5_000, 1_000, "5000it/s"),
        (123_456, 1_000, "123456it/s"), (4, 5_000, "1.25s/it"), (1, 90_000, "90.0s/it"),
        (1, 900_000, " 900s/it"), (1_000_000_000, 0, "?it/s"),
    ])
    func `Rates have three digits, and slow ones are told by the other way round`(
        done: Int, milliseconds: UInt64, text: String
    ) {
        var rows = Self.bar(done)
        let line = rows.finalLine(done: done, columns: 100, at: milliseconds * 1_000_000)
        #expect(line.hasSuffix("<\(text == "?it/s" ? "?" : "00:00"), \(text)]\n"))
    }

    @Test func `Only what is complete is 100 %`() {
        var bar = Self.bar(1_000)
        #expect(bar.line(done: 999, columns: 80, at: 0).hasPrefix("\r 99%|"))
        #expect(bar.line(done: 1_000, columns: 80, at: 0).hasPrefix("\r100%|"))
        var exact = Self.bar(100)
        #expect(exact.line(done: 29, columns: 80, at: 0).hasPrefix("\r 29%|"))
    }

    @Test func `Numbers from elsewhere do no harm`() {
        for total in [Int.min, -1, 0, 1, .max] {
            for done in [Int.min, -1, 0, 1, .max] {
                for time in [0, 1, .max] as [UInt64] {
                    var bar = Self.bar(total, start: 1)
                    #expect(bar.line(done: done, columns: 80, at: time).count == 80)
                    #expect(bar.finalLine(done: done, columns: 80, at: time).count == 81)
                }
            }
        }
    }
}
