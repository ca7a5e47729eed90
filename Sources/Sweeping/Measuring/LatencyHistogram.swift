/// How long downloads took, to three significant digits, after the buckets of HdrHistogram: each
/// nanosecond up to 2 µs has its own, from there on there are 1024 for each doubling, up to 1 h.
/// It grows with the longest one, to 270 KB at most.
public struct LatencyHistogram: Sendable {
    /// What takes longer counts as if it had taken one hour, in nanoseconds.
    public static let longest: UInt64 = 3_600_000_000_000
    /// Bits of a time, behind its first one, that say which bucket of its doubling it falls into.
    private static let bits = 10
    private static let half = 1 << bits

    private var counts: [UInt64] = []
    private var sum = 0.0
    public private(set) var count: UInt64 = 0
    /// In nanoseconds; 0 if there are none.
    public private(set) var max: UInt64 = 0

    public init() {}

    /// In nanoseconds; nil if there are none.
    public var mean: Double? { count > 0 ? sum / Double(count) : nil }

    public mutating func note(_ nanoseconds: UInt64) {
        let time = min(nanoseconds, Self.longest)
        let index = Self.index(of: time)
        if index >= counts.count { grow(to: index) }
        counts[index] += 1
        count += 1
        sum += Double(time)
        if time > max { max = time }
    }

    /// Takes in what was counted elsewhere.
    public mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        if other.counts.count > counts.count { grow(to: other.counts.count - 1) }
        for (index, more) in other.counts.enumerated() { counts[index] += more }
        count += other.count
        sum += other.sum
        max = Swift.max(max, other.max)
    }

    /// What so many of a hundred took at most: not less than it was, and at most 0.1 % more.
    ///
    /// - Parameter percent: from 0 to 100; what lies outside counts as the nearer end.
    /// - Returns: nanoseconds; nil if there are none.
    public func percentile(_ percent: Double) -> UInt64? {
        guard count > 0 else { return nil }
        let share = percent >= 0 ? min(percent, 100) / 100 : 0
        let wanted = Swift.max((Double(count) * share).rounded(.up), 1)
        var seen: UInt64 = 0
        for (index, more) in counts.enumerated() {
            seen += more
            if Double(seen) >= wanted { return min(Self.end(of: index), max) }
        }
        return max
    }

    /// To the end of a doubling, so that it happens seldom.
    private mutating func grow(to index: Int) {
        let room = (index / Self.half + 1) * Self.half
        counts += [UInt64](repeating: 0, count: room - counts.count)
    }

    private static func index(of time: UInt64) -> Int {
        let doubling = Swift.max(63 - bits - time.leadingZeroBitCount, 0)
        return doubling << bits + Int(time >> UInt64(doubling))
    }

    /// The longest time that falls into this bucket.
    private static func end(of index: Int) -> UInt64 {
        let doubling = Swift.max(index / half - 1, 0)
        return UInt64(index - doubling << bits + 1) << UInt64(doubling) - 1
    }
}
