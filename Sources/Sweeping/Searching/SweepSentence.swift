/// The conclusion, for people: which number to use, why, and who is the limit.
struct SweepSentence {
    /// In the order of their concurrency.
    let rows: [SweepRow]
    let unit: String
    let knee: SweepReport.Knee

    var text: String {
        guard let best = rows.best, let chosen = rows.smallestNearBest else { return nothing }
        let why = rows.count > 1 ? "the smallest within 5 % of the best" : "the only one measured"
        let rate = RateText.text(best.rate, unit: unit)
        let limit = failing ?? client(chosen, best) ?? server(chosen)
        return "Use \(chosen.concurrency): \(why) (\(rate)). \(limit)"
    }

    // MARK: Nothing

    private var nothing: String {
        guard !rows.isEmpty else { return "Nothing was measured." }
        let ended = rows.reduce(0) { $0 + max($1.completed, 0) }
        guard ended > 0 else { return "No download ended in the time given." }
        var counts: [String: Int] = [:]
        for failure in rows.flatMap(\.failures) {
            counts[failure.kind, default: 0] += failure.count
        }
        let most = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }
        let kind = most.map { ", \($0.value) of them with \($0.key)" } ?? ""
        return "Nothing succeeded: all \(ended) downloads failed\(kind)."
    }

    // MARK: Who is the limit

    /// `Above 8 the server refuses: 503.`
    private var failing: String? {
        var before = FailureShare()
        for (index, row) in rows.enumerated() {
            if index > 0, before.rises(to: row), let kind = row.mainFailure {
                let isStatus = kind.utf8.count == 3 && kind.utf8.allSatisfy { 48...57 ~= $0 }
                let what = isStatus ? "the server refuses" : "downloads fail"
                return "Above \(rows[index - 1].concurrency) \(what): \(kind)."
            }
            before.add(row)
        }
        return nil
    }

    private func client(_ chosen: SweepRow, _ best: SweepRow) -> String? {
        guard let row = [chosen, best].first(where: \.isClientLimited), let server = row.server
        else { return nil }
        let mean = RateText.number(server.mean, decimals: 1)
        return "The client is the limit: of \(row.concurrency), the server had \(mean) under way."
    }

    private func server(_ chosen: SweepRow) -> String {
        switch knee {
        case .at(let number): return limit(number)
        case .none(let reason):
            // The fewest are as good as all the others.
            if rows.count > 1, chosen.concurrency == rows[0].concurrency {
                return limit(Double(chosen.concurrency))
            }
            let reason = "\(reason.prefix(1).uppercased())\(reason.dropFirst())"
            return reason + advice(chosen) + "."
        }
    }

    private func limit(_ number: Double) -> String {
        let more = "more than \(RateText.number(number)) bring little"
        return "The server is the limit; \(worse ?? more)."
    }

    /// `above 96 it gets worse`; nil if it does not, or not for sure.
    private var worse: String? {
        guard let best = rows.best, let last = rows.nearBest.last else { return nil }
        let later = rows.filter { $0.concurrency > last.concurrency }
        let isWorse = later.contains { $0.rate.mean + $0.rate.halfWidth < best.rate.mean }
        return isWorse ? "above \(last.concurrency) it gets worse" : nil
    }

    /// What goes with a knee that was not found.
    private func advice(_ chosen: SweepRow) -> String {
        if let worse { return "; \(worse)" }
        guard let first = rows.first, let last = rows.last, last.concurrency > first.concurrency
        else { return "" }
        if last.isSlow(comparedTo: first) {
            return "; but with \(last.concurrency) a download takes more than twice as long"
        }
        return chosen.concurrency == last.concurrency ? "; more may bring more" : ""
    }
}
