/// What the marks and gaps of a sweep's table mean, in plain words.
struct SweepFootnotes {
    /// Rows whose outliers are told one by one.
    private static let most = 8

    let report: SweepReport

    var all: [String] {
        guard !report.rows.isEmpty else { return ["Nothing was measured."] }
        return [
            recommended, clientLimited, noFigures, noInterval, outliers, report.modelText,
        ].compactMap { $0 }
    }

    private var recommended: String? {
        report.recommended.map { "◂ \($0): smallest within 5 % of the best" }
    }

    private var clientLimited: String? {
        guard report.rows.contains(where: \.isClientLimited) else { return nil }
        return "* client-limited: what the client waited for and what the server had to do at "
            + "once differ by more than 5 %, so the server may be able to do more."
    }

    private var noFigures: String? {
        let silent = report.rows.count { $0.server == nil }
        guard silent > 0 else { return nil }
        return silent == report.rows.count
            ? "- no server figures: it is not known whether the client was the limit."
            : "- no server figures in \(silent) of \(report.rows.count) rows."
    }

    private var noInterval: String? {
        guard report.rows.contains(where: { !$0.rate.halfWidth.isFinite }) else { return nil }
        return "± ? too little was measured to say how far off the rate may be."
    }

    private var outliers: String? {
        let rows = report.rows.filter { $0.outliers > 0 }
        guard !rows.isEmpty else { return nil }
        let parts = rows.prefix(Self.most).map { "\($0.outliers) at \($0.concurrency)" }
        let rest = rows.count - parts.count
        return "Tenths of a second far from the others (they count all the same): "
            + parts.joined(separator: ", ") + (rest > 0 ? " and in \(rest) more rows" : "") + "."
    }
}
