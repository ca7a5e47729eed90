import Faults

/// What is told of a case that was run.
struct CaseResult: Equatable {
    /// `body/truncate`
    let name: String
    /// With its variant.
    let fault: String
    /// Of `FaultNote.Group`, as it is spelled.
    let group: String
    let expect: FaultNote.Outcome
    let level: FaultNote.Level
    let outcome: CaseOutcome
    /// nil if it was ended by us, or never started.
    var exit: Int32?
    var attempts = 0
    var seconds: Double = 0
    var note = ""
    /// The command line that runs this case alone.
    var rerun = ""
    /// What went over the wire; empty if nothing did, or nobody listened.
    var wire: [WireEvent] = []
    /// Its last words.
    var lastLines: [String] = []

    func verdict(_ isStrict: Bool = false) -> CaseOutcome.Verdict {
        outcome.verdict(expecting: expect, isStrict: isStrict)
    }
}
