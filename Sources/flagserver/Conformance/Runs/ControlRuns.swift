import Faults

/// What is found out about a client before any case: whether it can fetch a plain file, and what
/// else it does.
enum ControlRuns {
    private static let gzip = "asks-for-gzip"
    private static let range = "asks-for-a-range"

    /// A plain download, of both if the command has a second one. It tells of gzip, HEAD and reuse.
    static let plain = CaseRun.Task(
        toxics: ["noop name=\(gzip) header=accept-encoding:*gzip*"], isForReuse: true)

    /// Those that need a run of their own.
    static func task(_ need: FaultNote.Need) -> CaseRun.Task? {
        switch need {
        case .redirect:
            FaultType(rawValue: "redirect") == nil ? nil : CaseRun.Task(segment: "redirect;n=1")
        case .range:
            CaseRun.Task(
                toxics: ["noop name=\(range) header=range"],
                given: FaultNote.Given(percent: 40, isOther: false))
        case .ipv6: CaseRun.Task(host: "localhost")
        case .gzip, .reuse, .head: nil
        }
    }

    /// Whether a client was seen to do it.
    ///
    /// - Parameters:
    ///   - plain: what came of the plain download.
    ///   - own: of its own run; nil if it has none.
    static func isMet(_ need: FaultNote.Need, plain: CaseRun.Finding, own: CaseRun.Finding?)
        -> Bool
    {
        switch need {
        case .gzip: plain.records.met.contains(gzip)
        case .head: plain.records.methods.contains("HEAD")
        case .reuse: plain.records.hasReuse
        case .redirect:
            own.map { $0.records.hasTarget { !$0.hasPrefix("/redirect") } } ?? true
        case .range: own?.records.met.contains(range) ?? false
        case .ipv6: own?.records.hasIPv6 ?? false
        }
    }
}
