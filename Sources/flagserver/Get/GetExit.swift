/// The exit status of a run that has ended.
enum GetExit {
    /// What `--fail-on` names has happened, or a file could not be written.
    static let failed: Int32 = 1
    /// Ctrl-C, as shells tell it: 128 and the signal's number.
    static let interrupted: Int32 = 130

    /// 0 as with the book's programs, for which an error that a server makes is a result like
    /// others. A file that cannot be written ends those by 1.
    static func status(
        _ totals: DownloadTotals, failing: Set<GetPlan.Failing>, isInterrupted: Bool
    ) -> Int32 {
        if isInterrupted { return interrupted }
        let isFailure =
            totals.unwritten > 0 || failing.contains(.error) && totals.errors > 0
            || failing.contains(.notFound) && totals.notFound > 0
        return isFailure ? failed : 0
    }
}
