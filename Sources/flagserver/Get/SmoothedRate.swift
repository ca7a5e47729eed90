import Glibc

/// How many a second, as it has been of late: what is older counts less, and nothing jumps.
struct SmoothedRate {
    /// After which what was counted weighs a third, in seconds.
    private static let memory = 3.0

    private var lastTime: UInt64
    private var lastCount = 0
    /// Both with the same weights, so that their quotient is a rate from the first on.
    private var count = 0.0
    private var seconds = 0.0

    /// - Parameter start: in nanoseconds of a monotonic clock.
    init(start: UInt64) {
        lastTime = start
    }

    /// - Parameters:
    ///   - total: all that were done so far.
    ///   - time: of the same clock as the start.
    mutating func note(_ total: Int, at time: UInt64) {
        guard time > lastTime else { return }
        let length = Double(time - lastTime) / 1e9
        let weight = exp(-length / Self.memory)
        count = count * weight + Double(max(total, lastCount)) - Double(lastCount)
        seconds = seconds * weight + length
        (lastTime, lastCount) = (time, max(total, lastCount))
    }

    /// nil as long as there was nothing to count.
    var perSecond: Double? { count > 0 ? count / seconds : nil }
}
