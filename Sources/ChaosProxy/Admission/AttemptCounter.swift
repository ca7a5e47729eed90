import Faults

/// How often a proxy has seen each request target.
///
/// Bounded: known targets always count, and 65 536 others; a client that asks for ever new ones
/// cannot make it grow.
struct AttemptCounter {
    static let unknownTargets = 65_536

    private var counts: [UInt64: UInt32] = [:]
    private var known: Set<UInt64> = []

    /// - Parameter target: `SeededGenerator.hash` of a target that the site has.
    mutating func register(_ target: UInt64) {
        guard known.insert(target).inserted else { return }
        counts[target] = counts[target] ?? 0
    }

    /// Every target has been seen by nobody again; the known ones keep their places.
    mutating func reset() {
        counts = counts.filter { known.contains($0.key) }.mapValues { _ in 0 }
    }

    /// Counts one more attempt.
    ///
    /// - Returns: its number, from 1; nil for a new target when there is no place left.
    mutating func next(_ target: UInt64) -> UInt32? {
        if let count = counts[target] {
            counts[target] = count &+ 1
            return count &+ 1
        }
        guard counts.count - known.count < Self.unknownTargets else { return nil }
        counts[target] = 1
        return 1
    }
}
