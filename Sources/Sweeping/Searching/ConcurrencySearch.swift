import Faults

/// Which numbers of connections to measure, one after the other.
///
/// 1, 2, 4 … until more do not help; then three on either side of the best, in random order, so
/// that a server that gets slower meanwhile does not look like one that many connections slow down.
public struct ConcurrencySearch: Sendable {
    /// More than so much is a gain.
    private static let gain = 1.05
    /// So often in a row without a gain, and it ends.
    private static let mostWithoutGain = 2
    /// Unless nothing succeeds, the first round has so many rows: with fewer no knee is to be seen.
    private static let fewestRows = SegmentedRegression.fewestPoints
    /// On either side of the best.
    private static let refinements = 3

    private var planned: [Int]
    private var given: Set<Int> = []
    private var rows: [SweepRow] = []
    private var failures = FailureShare()
    private var withoutGain = 0
    /// For the second round, if there is to be one.
    private var generator: SeededGenerator?
    private let maximum: Int

    /// - Parameters:
    ///   - maximum: the greatest number, which is measured unless it has ended before; at least 1.
    ///   - seed: for the order.
    public init(maximum: Int, seed: UInt64) {
        self.maximum = max(maximum, 1)
        planned = []
        var number = 1
        while number < self.maximum {
            planned.append(number)
            let (double, isOver) = number.multipliedReportingOverflow(by: 2)
            number = isOver ? self.maximum : double
        }
        planned.append(self.maximum)
        generator = SeededGenerator(seed: seed)
    }

    /// These, in this order, each once; what is less than 1 is left out.
    public init(numbers: [Int]) {
        var seen: Set<Int> = []
        planned = numbers.filter { $0 > 0 && seen.insert($0).inserted }
        maximum = planned.max() ?? 1
    }

    /// How many rows there will be at most, those already measured included: what is left of the
    /// time can be divided among those that are left.
    public var expectedRows: Int {
        guard generator != nil else { return given.count + planned.count }
        // Between the neighbours of the best, and no more than there are.
        let others = maximum - given.count - planned.count
        let refinements = min(Self.refinements * 2, max(others, 0))
        return given.count + planned.count + refinements
    }

    /// The next number to measure; nil when it is done. Tell the row before asking again.
    public mutating func next() -> Int? {
        if planned.isEmpty { refine() }
        guard !planned.isEmpty else { return nil }
        let number = planned.removeFirst()
        given.insert(number)
        return number
    }

    /// What was measured.
    public mutating func note(_ row: SweepRow) {
        // Only the first round depends on it.
        if generator != nil, isEnough(row) { planned = [] }
        rows.append(row)
        failures.add(row)
    }

    // MARK: Details

    /// Whether more connections than these are not worth a look.
    private mutating func isEnough(_ row: SweepRow) -> Bool {
        guard !rows.isEmpty else { return false }
        let best = rows.reduce(0) { max($0, $1.rate.mean) }
        withoutGain = row.rate.mean > best * Self.gain ? 0 : withoutGain + 1
        let isFlat = withoutGain >= Self.mostWithoutGain
        let isNothing = isFlat && !(max(best, row.rate.mean) > 0)
        guard rows.count + 1 >= Self.fewestRows else { return isNothing }
        return isFlat || failures.rises(to: row) || row.isSlow(comparedTo: rows[0])
    }

    private mutating func refine() {
        guard var generator else { return }
        self.generator = nil
        guard let best = rows.smallestNearBest else { return }
        let below = given.filter { $0 < best.concurrency }.max()
        let above = given.filter { $0 > best.concurrency }.min()
        let numbers =
            Self.between(below, best.concurrency) + Self.between(best.concurrency, above)
        planned = generator.shuffled(numbers.filter { given.contains($0) == false })
    }

    /// Evenly spread.
    private static func between(_ low: Int?, _ high: Int?) -> [Int] {
        guard let low, let high, high > low else { return [] }
        let parts = Double(refinements + 1)
        let numbers = (1...refinements).map { part in
            low + Int((Double(high - low) * Double(part) / parts).rounded())
        }
        return Set(numbers).filter { $0 > low && $0 < high }.sorted()
    }
}
