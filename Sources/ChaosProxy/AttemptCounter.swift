import Faults

/// How often a proxy has seen each request target.
///
/// Bounded: known targets always count, and 65 536 others; a client that asks for ever new ones
/// cannot make it grow.
struct AttemptCounter {
    static let unknownTargets = 65_536

    private var counts: [UInt64: UInt32] = [:]
    private var knownTargets = 0

    /// - Parameter target: `SeededGenerator.hash` of a target that the site has.
    mutating func register(_ target: UInt64) {
        guard counts[target] == nil else { return }
        counts[target] = 0
        knownTargets += 1
    }

    /// Counts one more attempt.
    ///
    /// - Returns: its number, from 1; nil for a new target when there is no place left.
    mutating func next(_ target: UInt64) -> UInt32? {
        if let count = counts[target] {
            counts[target] = count &+ 1
            return count &+ 1
        }
        guard counts.count - knownTargets < Self.unknownTargets else { return nil }
        counts[target] = 1
        return 1
    }
}
