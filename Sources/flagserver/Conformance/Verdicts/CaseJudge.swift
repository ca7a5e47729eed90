import Faults

/// From the witnesses to the outcome. The command never defines what is right.
struct CaseJudge {
    /// What a command says that cannot do what a case asks for (as BoringSSL's shims do).
    static let unsupportedStatus: Int32 = 89
    /// Other files that a note names.
    private static let maximumNames = 4
    /// Of shells, for a command that died of one: ILL, TRAP, ABRT, BUS, FPE, SEGV.
    private static let crashes: Set<Int32> = [4, 5, 6, 7, 8, 11]

    /// Whether the server can be reached at all.
    let isReachable: Bool

    func outcome(_ evidence: CaseEvidence) -> CaseOutcome {
        switch evidence.ending {
        case .notStarted: .harness
        case .killed: .crashed
        case .late, .tooLarge: .hung
        case .exited(Self.unsupportedStatus): .unsupported
        case .exited(let status):
            if Self.isCrash(status) {
                .crashed
            } else if evidence.contacts == 0, isReachable {
                .harness
            } else if status == 0 {
                accepted(evidence)
            } else {
                evidence.saved.contains(where: \.isWrong) ? .reportedLeftPartial : .reported
            }
        }
    }

    private func accepted(_ evidence: CaseEvidence) -> CaseOutcome {
        guard evidence.saved.allSatisfy(\.isRight) else { return .silent }
        return evidence.attempts > 1 ? .recovered : .correct
    }

    private static func isCrash(_ status: Int32) -> Bool {
        crashes.contains(status - 128)
    }

    // MARK: In words

    /// What the witnesses saw, in one line.
    func note(_ evidence: CaseEvidence) -> String {
        var parts = [ending(evidence)]
        if case .notStarted = evidence.ending { return parts[0] }
        if evidence.contacts == 0, isReachable { parts.append("it made no request") }
        parts += saved(evidence)
        if evidence.attempts > 1 { parts.append("\(evidence.attempts) attempts") }
        if evidence.hasLeftProcesses { parts.append("it left processes behind") }
        parts += others(evidence)
        return parts.joined(separator: ", ")
    }

    private func ending(_ evidence: CaseEvidence) -> String {
        switch evidence.ending {
        case .exited(let status) where Self.isCrash(status):
            "exit \(status): died of signal \(status - 128)"
        case .exited(let status): "exit \(status)"
        case .killed(let signal): "died of signal \(signal)"
        case .late: "over the time limit"
        case .tooLarge: "wrote more than \(CaseEvidence.maximumFile >> 20) MiB"
        case .notStarted(let reason): reason
        }
    }

    private func saved(_ evidence: CaseEvidence) -> [String] {
        guard evidence.saved.count > 1 else { return evidence.saved.map(\.words) }
        if evidence.saved.allSatisfy(\.isRight) { return ["right bytes"] }
        return zip(["first", "second"], evidence.saved).map { "\($0): \($1.words)" }
    }

    private func others(_ evidence: CaseEvidence) -> [String] {
        guard !evidence.otherFiles.isEmpty else { return [] }
        let names = evidence.otherFiles.prefix(Self.maximumNames).joined(separator: " ")
        let rest = evidence.otherFiles.count - Self.maximumNames
        return ["left \(names)" + (rest > 0 ? " and \(rest) more" : "")]
    }
}
