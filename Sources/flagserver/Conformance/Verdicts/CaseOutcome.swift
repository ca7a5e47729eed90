import Faults

/// What came of a case, the worst first.
enum CaseOutcome: String, CaseIterable {
    /// It says that all is well, and has wrong bytes or none.
    case silent = "SILENT"
    /// It died of a signal.
    case crashed
    /// It had to be ended.
    case hung
    /// It reports an error, and a wrong file lies under the final name.
    case reportedLeftPartial = "reported-left-partial"
    /// It reports an error, and has kept nothing wrong.
    case reported
    /// Right bytes, by more than one attempt.
    case recovered
    case correct
    /// It says itself that it cannot do this.
    case unsupported
    /// It lacks what the case needs, or has never asked.
    case harness

    /// How it counts.
    enum Verdict: Equatable {
        case passed, finding
        /// Neither: the case says nothing of this client.
        case apart
    }

    /// - Parameter isStrict: whether a wrong file is a finding although an error was reported.
    func verdict(expecting expect: FaultNote.Outcome, isStrict: Bool = false) -> Verdict {
        if self == .unsupported || self == .harness { return .apart }
        let passes =
            switch expect {
            case .error:
                self == .reported || self == .recovered
                    || self == .reportedLeftPartial && !isStrict
            case .accept: self == .correct || self == .recovered
            case .end: self != .hung && self != .crashed
            case .observe: self != .crashed
            }
        return passes ? .passed : .finding
    }
}
