public import Faults

/// How long exchanges took, so that a share of them can be told to 2 %: 32 buckets for each
/// doubling, from 8 µs to 19 h. It grows with the longest one, to 9 KB at most; from then on nothing
/// is allocated.
public struct DurationHistogram: Sendable {
    /// Bits of a time, behind its first one, that say which bucket of its doubling it falls into.
    private static let bits = 5
    /// In nanoseconds: what lies closer together than this is not told apart.
    private static let shift = 8
    private static let half = 1 << bits
    /// The last one has all that takes longer.
    static let maximumBuckets = half * 34

    private var counts: [UInt64] = []
    public private(set) var count: UInt64 = 0

    public init() {}

    public mutating func add(_ duration: Nanoseconds) {
        let index = Self.index(of: duration)
        if index >= counts.count { grow(to: index) }
        counts[index] &+= 1
        count &+= 1
    }

    /// Takes in what was counted elsewhere, or before.
    public mutating func add(_ other: DurationHistogram) {
        if other.counts.count > counts.count { grow(to: other.counts.count - 1) }
        for (index, more) in other.counts.enumerated() { counts[index] &+= more }
        count &+= other.count
    }

    /// What `share` of all took at most, to 2 % (or 128 ns).
    ///
    /// - Parameter share: from 0 to 1.
    /// - Returns: nil if there are none.
    public func quantile(_ share: Double) -> Nanoseconds? {
        guard count > 0 else { return nil }
        // The smallest time that so many do not exceed.
        let wanted = UInt64(max((Double(count) * share).rounded(.up), 1))
        var seen: UInt64 = 0
        for (index, more) in counts.enumerated() {
            seen &+= more
            if seen >= min(wanted, count) { return Self.middle(of: index) }
        }
        return nil
    }

    /// To the end of a doubling, so that it happens seldom.
    private mutating func grow(to index: Int) {
        let room = (index / Self.half + 1) * Self.half
        counts += [UInt64](repeating: 0, count: room - counts.count)
    }

    private static func index(of duration: Nanoseconds) -> Int {
        let units = duration >> UInt64(shift)
        guard units >= half else { return Int(units) }
        let doubling = 63 - bits - units.leadingZeroBitCount
        // Its first bit counts as one doubling more.
        let index = doubling << bits + Int(units >> UInt64(doubling))
        return min(index, maximumBuckets - 1)
    }

    private static func middle(of index: Int) -> Nanoseconds {
        guard index >= half else { return (UInt64(index) << UInt64(shift)) + 128 }
        let doubling = UInt64(index >> bits - 1)
        let start = UInt64(index & (half - 1) | half) << doubling
        return (start << UInt64(shift)) + (UInt64(1) << (doubling + UInt64(shift) - 1))
    }
}
