import Faults

/// What `run` is asked for beside the servers' options.
struct RunTerms {
    var expectations: [Expectation] = []
    /// How long the command may take, in nanoseconds; nil: any time.
    var timeout: Nanoseconds?
    /// Whether the command gets the control port's token.
    var passesToken = false
    /// `--quiet` was typed: only what is wrong is told.
    var isSilent = false
}
