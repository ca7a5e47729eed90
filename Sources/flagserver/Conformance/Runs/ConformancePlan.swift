import Faults

/// What a run is asked for, read and checked.
struct ConformancePlan {
    let command: CommandTemplate
    let cases: [ConformanceCase]
    let seed: UInt64
    /// Commands side by side.
    let jobs: Int
    /// Of each command, in nanoseconds.
    let limit: Nanoseconds
    let isStrict: Bool
    /// What the client is called; nil: as its program.
    let client: String?
    /// `--seed 7 --timeout 2s`: what a case alone has to be told, too.
    let rerunWords: [String]

    /// The command line that runs a case alone.
    func rerun(_ item: ConformanceCase) -> String {
        let own = rerunWords + (item.delivery == .plain ? [] : ["--thorough"])
        return ShellWords.text(
            ["flagserver", "conformance"] + own + ["-k", item.name, "--"] + command.words)
    }

    /// What the client is called if nobody says so: its script, or its program.
    var clientName: String { client ?? command.name }
}
