import Faults
import Glibc
import Records

/// How far it is, on stderr: one live line on a terminal, a line for each finding elsewhere.
final class ConformanceProgress {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private let width: () -> Int
    private var total = 0
    private var done = 0
    private var findings = 0
    private var isShown = false

    /// - Parameter write: gets what is to be written, as it is.
    init(
        isTerminal: Bool, width: @escaping () -> Int = { TerminalWidth.standard },
        write: @escaping (String) -> Void
    ) {
        (self.isTerminal, self.width, self.write) = (isTerminal, width, write)
    }

    func begin(_ total: Int, jobs: Int, limit: Nanoseconds) {
        self.total = total
        let cases = Check.count(total, "case", "cases")
        write(
            "\(cases), \(jobs) at a time, at most \(Notation.readable(limit)) each\n")
    }

    func note(_ result: CaseResult, isFinding: Bool) {
        done += 1
        if isFinding { findings += 1 }
        if isTerminal { return show(result.name) }
        if isFinding { write("\(result.name): \(result.outcome.rawValue): \(result.note)\n") }
    }

    private func show(_ name: String) {
        isShown = true
        let found = findings == 0 ? "" : ", \(Check.count(findings, "finding", "findings"))"
        write("\r\("\(done)/\(total)\(found)  \(name)".cut(to: max(width() - 1, 20)))\u{1b}[K")
    }

    /// The line goes.
    func end() {
        guard isShown else { return }
        isShown = false
        write("\r\u{1b}[K")
    }
}
