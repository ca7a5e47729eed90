/// The three witnesses of a case: how the command ended, what it has saved, and what our record
/// says of its requests.
struct CaseEvidence: Equatable {
    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
        /// Over the time limit.
        case late
        /// It wrote more than any case has for it.
        case tooLarge
        /// - Parameter reason: a sentence.
        case notStarted(reason: String)
    }

    /// The largest file that a command may write, in bytes: four times the largest answer of any
    /// case.
    static let maximumFile = 256 << 20

    var ending: Ending
    /// Under `{out}` (or on its standard output), and under `{out2}` if the command has it.
    var saved: [SavedFile] = []
    /// The most requests for one and the same thing.
    var attempts = 0
    /// Requests of any kind, or connections without one.
    var contacts = 0
    /// From its start to its end.
    var seconds: Double = 0
    /// Names of files that it has left beside those that were asked for.
    var otherFiles: [String] = []
    /// Whether processes of it went on when it had ended.
    var hasLeftProcesses = false
    /// The last lines of what it said.
    var lastLines: [String] = []

    /// As a shell would give it; nil if it had none.
    var exit: Int32? {
        switch ending {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        case .late, .tooLarge, .notStarted: nil
        }
    }
}
