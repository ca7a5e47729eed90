/// How often a proxy has seen each request target.
///
/// Bounded: known targets always count, and 65 536 others; a client that asks for ever new ones
/// cannot make it grow.
struct AttemptCounter {
    static let unknownTargets = 65_536

    private var counts: [UInt64: UInt32] = [:]
    private var known: Set<UInt64> = []
    /// How many are counted that are not known.
    private var others = 0

    /// - Parameter targets: of all that the site has, `SeededGenerator.hash`.
    mutating func register(_ targets: Set<UInt64>) {
        known = targets
        others = counts.keys.reduce(0) { $0 + (targets.contains($1) ? 0 : 1) }
    }

    /// Every target has been seen by nobody again.
    mutating func reset() {
        (counts, others) = ([:], 0)
    }

    /// Counts one more attempt.
    ///
    /// - Returns: its number, from 1; nil for a new target when there is no place left.
    mutating func next(_ target: UInt64) -> UInt32? {
        if let count = counts[target] {
            counts[target] = count &+ 1
            return count &+ 1
        }
        if !known.contains(target) {
            guard others < Self.unknownTargets else { return nil }
            others += 1
        }
        counts[target] = 1
        return 1
    }
}
