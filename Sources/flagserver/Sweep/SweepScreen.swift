import EventLoop
import Glibc
import Sweeping

/// What a person sees of a sweep, and the files that keep it.
final class SweepScreen {
    private static let plotRows = 16
    private static let mostColumns = 100

    private let options: SweepOptions
    private let isForProgram: Bool
    private let unit: String
    private let style: TextStyle
    private let table: SweepTable
    private var single: Double?
    private var hasHeader = false

    /// - Throws: `GetUsageError`.
    init(_ options: SweepOptions, unit: String) throws {
        (self.options, self.unit) = (options, unit)
        isForProgram = try options.isForProgram()
        let output = isForProgram ? STDERR_FILENO : STDOUT_FILENO
        let columns = TerminalWidth.exactColumns(of: output)
        let look = ProgressStyle(variable: OptionSources.environment)
        style = TextStyle(
            columns: min(columns ?? TerminalWidth.standard, Self.mostColumns),
            glyphs: look.usesBlocks || columns == nil ? .braille : .ascii,
            hasColor: columns != nil && look.usesColor)
        table = SweepTable(unit: unit, style: style)
    }

    /// - Throws: `CommandLineError` 74.
    func tell(_ text: String) throws {
        if isForProgram { StandardError.write(text) } else { try StandardOutput.write(text) }
    }

    /// One row is done.
    func show(_ row: SweepRow) throws {
        if !hasHeader { try tell(table.header) }
        hasHeader = true
        if row.concurrency == 1 { single = row.rate.mean }
        try tell(table.line(row, single: single))
    }

    /// All are done.
    ///
    /// - Throws: `CommandLineError`.
    func show(_ report: SweepReport) throws {
        let footnotes = table.footnotes(report)
        if !footnotes.isEmpty { try tell(Self.ended(footnotes)) }
        if report.recommended != nil {
            try tell(
                "\n" + Self.ended(TerminalPlot(style: style, rows: Self.plotRows).text(report)))
        }
        try tell("\n" + Self.ended(table.sentence(report)))
        try write(SweepSVG.text(report), to: options.svg, "--svg")
        try write(SweepJSON.text(report), to: options.json, "--json")
        try write(SweepCSV.text(report), to: options.csv, "--csv")
    }

    private static func ended(_ text: String) -> String {
        text.hasSuffix("\n") ? text : text + "\n"
    }

    private func write(_ text: String, to path: String?, _ option: String) throws {
        guard let path else { return }
        try OutputFile.write(text, to: path, option)
    }
}
