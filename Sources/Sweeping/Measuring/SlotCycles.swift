/// How long each of the requests that are under way takes from its end to that of the next in its
/// place.
///
/// Where all take equally long, a few cycles tell the rate exactly, however the places lie to each
/// other; bins of time would have to be many. Where they differ, short ones are seen first, so then
/// this is no measure.
struct SlotCycles: Sendable {
    /// Standard deviation by mean up to which cycles count as equally long.
    private static let mostSpread = 0.2
    /// Of each place.
    private static let fewestCycles = 2
    /// No clock of a client is better.
    private static let leastHalfWidth = 0.001

    private var lastEnds: [UInt64?]
    private var counts: [Int]
    private var (cycles, good) = (0, 0)
    private var (sum, squares) = (0.0, 0.0)
    /// Places with so many cycles that they say something.
    private var known = 0

    init(places: Int) {
        lastEnds = Array(repeating: nil, count: places)
        counts = Array(repeating: 0, count: places)
    }

    /// - Parameter place: less than there are; others are overlooked.
    mutating func note(_ place: Int, at now: UInt64, isGood: Bool) {
        guard lastEnds.indices.contains(place) else { return }
        defer { lastEnds[place] = now }
        guard let last = lastEnds[place], now >= last else { return }
        let cycle = Double(now - last)
        cycles += 1
        good += isGood ? 1 : 0
        sum += cycle
        squares += cycle * cycle
        counts[place] += 1
        if counts[place] == Self.fewestCycles { known += 1 }
    }

    /// Good ones per second; nil if it takes another way to know.
    var rate: Interval? {
        guard known == counts.count, sum > 0 else { return nil }
        let count = Double(cycles)
        let mean = sum / count
        let variance = max(squares / count - mean * mean, 0)
        let spread = variance.squareRoot() / mean
        guard spread <= Self.mostSpread else { return nil }
        let places = Double(counts.count)
        let rate = places * Double(good) / sum * 1e9
        // The share of good ones is as uncertain as that of a coin.
        let share = Double(good) / count
        let shareError = good > 0 ? ((1 - share) / (share * count)).squareRoot() : 0
        let error = (spread * spread / count + shareError * shareError).squareRoot()
        let degrees = max(cycles - 1, 1)
        let relative = max(
            StudentT.quantile(degreesOfFreedom: degrees) * error, Self.leastHalfWidth)
        return Interval(mean: rate, halfWidth: rate * relative)
    }
}
