import Glibc

/// What a person sees of a run: the report on stdout, and on a terminal a bar on stderr.
final class GetScreen {
    /// Where the report goes: stderr if stdout is for a program.
    private let report: Int32
    private let isVerbose: Bool
    private var bar: ProgressBar?
    private var done = 0
    private let total: Int

    init(_ plan: GetPlan) {
        report = plan.isOutputJSON ? STDERR_FILENO : STDOUT_FILENO
        (isVerbose, total) = (plan.isVerbose, plan.codes.count)
    }

    /// - Throws: `CommandLineError` 74 if stdout takes no more.
    func tell(_ text: String) throws {
        guard report == STDOUT_FILENO else {
            StandardError.write(text)
            return
        }
        try StandardOutput.write(text)
    }

    /// - Parameter now: in monotonic nanoseconds.
    func begin(at now: UInt64) {
        guard !isVerbose, isatty(STDERR_FILENO) == 1 else { return }
        bar = ProgressBar(
            total: total, style: ProgressStyle(variable: OptionSources.environment), start: now)
        draw(at: now)
    }

    /// Another one is done.
    ///
    /// - Parameter line: of `-v`.
    func note(_ line: @autoclosure () -> String, at now: UInt64) throws {
        done += 1
        if isVerbose { return try tell(line()) }
        draw(at: now)
    }

    /// Time passes, whatever is done.
    func draw(at now: UInt64) {
        guard bar?.isDue(at: now) == true, let columns else { return }
        show(bar?.line(done: done, columns: columns, at: now))
    }

    /// Nothing more comes.
    func end(at now: UInt64) {
        guard let columns else { return }
        show(bar?.finalLine(done: done, columns: columns, at: now))
        bar = nil
    }

    var hasBar: Bool { bar != nil }

    private var columns: Int? { TerminalWidth.exactColumns(of: STDERR_FILENO) }

    private func show(_ text: String?) {
        guard let text else { return }
        StandardError.write(text)
    }
}
