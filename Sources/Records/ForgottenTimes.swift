/// How many records were forgotten, and of them how many by a time: exact up to 256 of them, and
/// never more than a 128th of them too early.
struct ForgottenTimes {
    private static let maximumMarks = 256

    /// All of them.
    private(set) var count: UInt64 = 0
    /// When the latest one was over, in nanoseconds since 1970. The clock may have been set back.
    private var latest = Int64.min
    /// So many are forgotten between two marks: a power of two.
    private var stride: UInt64 = 1
    /// The n-th one is how `latest` was behind n times `stride` records.
    private var marks: [Int64] = []

    /// - Parameter time: when it was over, in nanoseconds since 1970.
    mutating func add(_ time: Int64) {
        latest = max(latest, time)
        count += 1
        guard count & (stride - 1) == 0 else { return }
        marks.append(latest)
        if marks.count == Self.maximumMarks { thin() }
    }

    private mutating func thin() {
        marks = Swift.stride(from: 1, to: marks.count, by: 2).map { marks[$0] }
        stride *= 2
    }

    /// How many were over later than `time`, at most.
    func count(after time: Int64) -> UInt64 {
        guard latest > time else { return 0 }
        let before = marks.firstIndex { $0 > time } ?? marks.count
        return count - UInt64(before) * stride
    }
}
