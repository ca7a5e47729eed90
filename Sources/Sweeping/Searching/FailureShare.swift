/// How many of the downloads failed, so that two can be compared.
struct FailureShare {
    /// That may be chance, or not worth a word.
    private static let leastRise = 0.01
    /// So many standard errors are not chance.
    private static let certainty = 3.0

    private(set) var failed = 0
    private(set) var completed = 0

    private var share: Double { completed > 0 ? Double(failed) / Double(completed) : 0 }

    mutating func add(_ row: SweepRow) {
        failed += row.failures.reduce(0) { $0 + max($1.count, 0) }
        completed += max(row.completed, 0)
    }

    /// Whether with this row over one percentage point more fail, and not by chance: of the few
    /// downloads that one connection makes, any share may fail.
    func rises(to row: SweepRow) -> Bool {
        var later = FailureShare()
        later.add(row)
        guard completed > 0, later.completed > 0 else { return false }
        let all = Double(failed + later.failed) / Double(completed + later.completed)
        let variance = all * (1 - all) * (1 / Double(completed) + 1 / Double(later.completed))
        let chance = Self.certainty * max(variance, 0).squareRoot()
        return later.share - share > max(Self.leastRise, chance)
    }
}
