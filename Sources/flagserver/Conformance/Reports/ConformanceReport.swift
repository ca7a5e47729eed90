import Records

/// All that was found about one client.
struct ConformanceReport: Equatable {
    let client: String
    /// As it says itself; empty if it does not.
    let version: String
    let seed: UInt64
    let cases: [CaseResult]

    /// How many there are of each outcome that there is.
    var summary: [(outcome: CaseOutcome, count: Int)] {
        CaseOutcome.allCases.compactMap { outcome in
            let count = cases.count { $0.outcome == outcome }
            return count == 0 ? nil : (outcome, count)
        }
    }

    /// `curl 7.88.1`, as far as it is known.
    var title: String {
        let short = shortVersion
        if short.isEmpty { return client }
        return short.hasPrefix(client) ? short : "\(client) (\(short))"
    }

    /// Of its version the words up to the first that is a number: `GNU Wget 1.21.3`.
    var shortVersion: String {
        let words = version.split(separator: " ")
        guard !words.isEmpty else { return "" }
        let end = words.firstIndex { $0.contains { $0.isNumber } && $0.contains(".") }
        return words[...(end ?? words.count - 1)].joined(separator: " ").cut(to: 60)
    }
}
