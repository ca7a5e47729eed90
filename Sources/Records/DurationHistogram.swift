public import Faults

/// How long exchanges took, so that a share of them can be told to 1.6 %: 64 buckets for each
/// doubling, from 16 µs to 19 h. It grows with the longest one, to 8 KB at most; from then on
/// nothing is allocated.
public struct DurationHistogram: Sendable {
    /// Bits of a time, behind its first one, that say which bucket of its doubling it falls into.
    private static let bits = 6
    /// What lies closer together than 256 ns is not told apart.
    private static let shift: UInt64 = 8
    private static let half = 1 << bits
    /// The last one has all that takes longer.
    static let maximumBuckets = half * 33

    private var counts: [UInt32] = []
    /// The longest of all.
    private var longest: Nanoseconds = 0

    public init() {}

    public mutating func add(_ duration: Nanoseconds) {
        let index = Self.index(of: duration)
        if index >= counts.count { grow(to: index) }
        if counts[index] == .max { halve() }
        counts[index] += 1
        if duration > longest { longest = duration }
    }

    /// Takes in what was counted elsewhere, or before.
    public mutating func add(_ other: DurationHistogram) {
        guard !other.counts.isEmpty else { return }
        var other = other
        if other.counts.count > counts.count { grow(to: other.counts.count - 1) }
        let isFull = zip(counts, other.counts).contains { $0.addingReportingOverflow($1).overflow }
        if isFull {
            halve()
            other.halve()
        }
        for (index, more) in other.counts.enumerated() {
            let (sum, isOver) = counts[index].addingReportingOverflow(more)
            counts[index] = isOver ? .max : sum
        }
        longest = max(longest, other.longest)
    }

    /// What `share` of all took at most: not less than it was, and at most 1.6 % (or 256 ns) more.
    ///
    /// - Parameter share: from 0 to 1.
    /// - Returns: nil if there are none.
    public func quantile(_ share: Double) -> Nanoseconds? { quantiles([share])?.first }

    /// The same of several shares, for about as much work as one of them.
    ///
    /// - Parameter shares: from 0 to 1, in ascending order.
    /// - Returns: one for each share; nil if there are none.
    public func quantiles(_ shares: [Double]) -> [Nanoseconds]? {
        let count = counts.reduce(0 as UInt64) { $0 + UInt64($1) }
        guard count > 0 else { return nil }
        var wanted = shares.map { UInt64(max((Double(count) * $0).rounded(.up), 1)) }[...]
        var found: [Nanoseconds] = []
        var seen: UInt64 = 0
        for (index, more) in counts.enumerated() where more > 0 {
            seen += UInt64(more)
            while let next = wanted.first, seen >= next {
                found.append(min(Self.end(of: index), longest))
                wanted.removeFirst()
            }
            if wanted.isEmpty { break }
        }
        return found + wanted.map { _ in longest }
    }

    /// To the end of a doubling, so that it happens seldom.
    private mutating func grow(to index: Int) {
        let room = (index / Self.half + 1) * Self.half
        counts += [UInt32](repeating: 0, count: room - counts.count)
    }

    /// Shares stay what they were.
    private mutating func halve() {
        for index in counts.indices { counts[index] -= counts[index] / 2 }
    }

    private static func index(of duration: Nanoseconds) -> Int {
        let units = duration >> shift
        guard units >= half else { return Int(units) }
        let doubling = 63 - bits - units.leadingZeroBitCount
        // The first bit counts as one doubling more.
        let index = (doubling << bits) + Int(units >> UInt64(doubling))
        return min(index, maximumBuckets - 1)
    }

    /// The longest time that falls into a bucket.
    private static func end(of index: Int) -> Nanoseconds {
        guard index < maximumBuckets - 1 else { return .max }
        let next = index + 1
        guard next >= half else { return UInt64(next) << shift - 1 }
        let doubling = UInt64(next >> bits - 1)
        let start = UInt64(next & (half - 1) | half) << doubling
        return start << shift - 1
    }
}
