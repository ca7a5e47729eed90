/// How often what failed. There may come any number of kinds from outside; those after the 32nd are
/// `other`.
public struct FailureTally: Sendable {
    private var counts: [String: Int] = [:]

    public init() {}

    public mutating func note(_ kind: String, count: Int = 1) {
        let isTold = counts[kind] != nil || counts.count < FailureKinds.most
        counts[isTold ? kind : FailureKinds.other, default: 0] += count
    }

    public mutating func merge(_ other: FailureTally) {
        for (kind, count) in other.sorted { note(kind, count: count) }
    }

    /// The most frequent first.
    public var sorted: [(kind: String, count: Int)] {
        counts.map { (kind: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }
    }
}
