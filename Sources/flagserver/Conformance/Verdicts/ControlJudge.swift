/// The tester is tested first: what is said of a command that cannot fetch a plain file.
enum ControlJudge {
    /// What was missing and what to do, as sentences; nil if nothing was.
    ///
    /// - Parameters:
    ///   - command: what it was told.
    ///   - limit: of its time, as it is told.
    static func complaint(
        _ evidence: CaseEvidence, _ command: CommandTemplate, limit: String
    ) -> String? {
        switch evidence.ending {
        case .notStarted(let reason): return reason
        case .killed(let signal): return "it died of signal \(signal).\(said(evidence))"
        case .late: return late(evidence, limit)
        case .tooLarge: return "it wrote far more than the file has."
        case .exited(CaseJudge.unsupportedStatus):
            return "it says that it cannot do that (exit \(CaseJudge.unsupportedStatus)), and a "
                + "plain download is the least."
        case .exited(let status):
            return exited(status, evidence, command)
        }
    }

    private static func late(_ evidence: CaseEvidence, _ limit: String) -> String {
        let asked =
            evidence.contacts == 0
            ? "it made no request"
            : "our record has \(Check.count(evidence.contacts, "request", "requests"))"
        return
            "it had not ended after \(limit); \(asked). Its standard input is /dev/null; give it "
            + "more time with --timeout if it needs that.\(said(evidence))"
    }

    private static func exited(
        _ status: Int32, _ evidence: CaseEvidence, _ command: CommandTemplate
    ) -> String? {
        guard evidence.contacts > 0 else {
            let saying = status == 0 ? "it exited with 0" : "it exited with \(status)"
            return "\(saying), but made no request.\(howToAsk(command))\(said(evidence))"
        }
        guard status == 0 else {
            return "it made a request, and exited with \(status) although the answer was right."
                + said(evidence)
        }
        guard let wrong = evidence.saved.first(where: { !$0.isRight }) else { return nil }
        let place = command.hasOut ? "{out}" : "its standard output"
        let found = wrong.state == .missing || wrong.count == 0
        let what = found ? "there is nothing in \(place)" : "\(place) has \(wrong.words)"
        return "it made a request and exited with 0, but \(what)."
            + whereElse(evidence, command) + said(evidence)
    }

    private static func howToAsk(_ command: CommandTemplate) -> String {
        command.hasURL
            ? " Does it fetch the URL that it is given as {url}?"
            : " Write {url} where it takes the URL."
    }

    private static func whereElse(
        _ evidence: CaseEvidence, _ command: CommandTemplate
    ) -> String {
        if evidence.hasLeftProcesses {
            return " It has left a process behind: it must not end before the file is there."
        }
        if !evidence.otherFiles.isEmpty {
            return " It wrote \(evidence.otherFiles.joined(separator: " ")) instead: write {out} "
                + "where it takes the name of the file."
        }
        return command.hasOut
            ? " Does it save under the name that it is given as {out}?"
            : " Write {out} where it takes the name of the file, or let it print the file alone."
    }

    private static func said(_ evidence: CaseEvidence) -> String {
        guard !evidence.lastLines.isEmpty else { return "" }
        return " It said:\n" + evidence.lastLines.map { "  \($0)" }.joined(separator: "\n")
    }
}
