/// The book's progress bar, as tqdm draws it:
///
///     100%|████████████████████████████████████████| 100/100 [00:01<00:00, 98.4it/s]
///
/// Texts for a terminal, without a clock: time is passed in, in nanoseconds of a monotonic one.
struct ProgressBar {
    /// In nanoseconds: more than ten a second are no use to an eye.
    static let redrawInterval: UInt64 = 100_000_000
    /// Widths that it is drawn for, in columns.
    static let columns = 40...200
    /// Below that a bar says less than the room it takes, in columns.
    private static let leastBar = 5
    private static let maximumTotal = 1_000_000_000
    private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    private let total: Int
    private let style: ProgressStyle
    private let start: UInt64
    private var rate: SmoothedRate
    private var lastDraw: UInt64?
    private var shownColumns = 0

    /// - Parameter total: how many there are; 0...1 000 000 000.
    init(total: Int, style: ProgressStyle, start: UInt64) {
        self.total = min(max(total, 0), Self.maximumTotal)
        (self.style, self.start) = (style, start)
        rate = SmoothedRate(start: start)
    }

    /// Whether it is time for another `line`.
    func isDue(at now: UInt64) -> Bool {
        guard let lastDraw else { return true }
        return now >= lastDraw && now - lastDraw >= Self.redrawInterval
    }

    /// To stand in place of the one before, from the first column on.
    ///
    /// - Parameter columns: of the terminal, now.
    mutating func line(done: Int, columns: Int, at now: UInt64) -> String {
        lastDraw = now
        rate.note(done, at: now)
        return replacing(row(done, columns, now, rate.perSecond))
    }

    /// The last one, with the rate over all the time; it stays, and the next text stands below it.
    mutating func finalLine(done: Int, columns: Int, at now: UInt64) -> String {
        let seconds = Double(elapsed(now)) / 1e9
        let rate = done > 0 && seconds > 0 ? Double(done) / seconds : nil
        defer { shownColumns = 0 }
        return replacing(row(done, columns, now, rate)) + "\n"
    }

    /// Takes it away, for another text in its place.
    mutating func cleared() -> String {
        guard shownColumns > 0 else { return "" }
        defer { shownColumns = 0 }
        return "\r\(String(repeating: " ", count: shownColumns))\r"
    }

    /// Over the last one, whose end is painted over with blanks.
    private mutating func replacing(_ row: (text: String, columns: Int)) -> String {
        defer { shownColumns = row.columns }
        let blanks = max(shownColumns - row.columns, 0)
        return "\r\(row.text)\(String(repeating: " ", count: blanks))"
    }

    // MARK: Parts

    /// One column less than the terminal has: in the last one some of them go on to the next line.
    private func row(
        _ done: Int, _ columns: Int, _ now: UInt64, _ rate: Double?
    ) -> (text: String, columns: Int) {
        let width = min(max(columns, Self.columns.lowerBound), Self.columns.upperBound) - 1
        let done = min(max(done, 0), total)
        let percent = total == 0 ? 100 : done * 100 / total
        let left = "\(Self.padded(percent, to: 3))%|"
        var right = "| \(done)/\(total) \(times(done, now, rate))"
        if width - left.count - right.count < Self.leastBar { right = "| \(done)/\(total)" }
        let room = max(width - left.count - right.count, 1)
        return (left + bar(done, room) + right, left.count + room + right.count)
    }

    private func bar(_ done: Int, _ room: Int) -> String {
        let parts = style.usesBlocks ? Self.eighths.count + 1 : 1
        let filled = total == 0 ? room * parts : done * room * parts / total
        let (whole, rest) = filled.quotientAndRemainder(dividingBy: parts)
        var bar = String(repeating: style.usesBlocks ? "█" : "#", count: whole)
        if rest > 0 { bar.append(Self.eighths[rest - 1]) }
        let blanks = String(repeating: " ", count: room - bar.count)
        return (style.usesColor && !bar.isEmpty ? "\u{1b}[32m\(bar)\u{1b}[0m" : bar) + blanks
    }

    private func times(_ done: Int, _ now: UInt64, _ rate: Double?) -> String {
        let elapsed = Self.clock(Double(elapsed(now) / 1_000_000_000))
        let left = rate.map { Self.clock(Double(total - done) / $0) } ?? "?"
        return "[\(elapsed)<\(left), \(Self.speed(rate))]"
    }

    private func elapsed(_ now: UInt64) -> UInt64 { now > start ? now - start : 0 }

    // MARK: Numbers

    /// `01:07`, and `1:02:03` from an hour on; `?` from 100 hours on.
    private static func clock(_ seconds: Double) -> String {
        guard seconds < 360_000 else { return "?" }
        let (minutes, rest) = Int(seconds).quotientAndRemainder(dividingBy: 60)
        let end = "\(twoDigits(minutes % 60)):\(twoDigits(rest))"
        return minutes < 60 ? end : "\(minutes / 60):\(end)"
    }

    /// `98.4it/s`, or how long one takes if that is more than a second: `1.25s/it`.
    private static func speed(_ rate: Double?) -> String {
        guard let rate else { return "?it/s" }
        return rate < 1 ? "\(threeDigits(1 / rate))s/it" : "\(threeDigits(rate))it/s"
    }

    /// Four columns: `9.84`, `98.4`, ` 984`.
    private static func threeDigits(_ value: Double) -> String {
        guard value < 1e9 else { return "   ?" }
        let hundredths = Int((value * 100).rounded())
        if hundredths < 1_000 {
            return "\(hundredths / 100).\(twoDigits(hundredths % 100))"
        }
        let tenths = Int((value * 10).rounded())
        if tenths < 1_000 { return "\(tenths / 10).\(tenths % 10)" }
        return padded(Int(value.rounded()), to: 4)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: " ", count: max(width - digits.count, 0)) + digits
    }
}
