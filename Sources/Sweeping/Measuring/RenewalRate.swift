/// The rate from the centre of a bin to the centre of the next one, half of each counting.
///
/// The last of a burst is the slowest of many, and gets later with each burst than they do on
/// average; the centre of a burst does not. If completions come evenly it makes no difference.
struct RenewalRate {
    private(set) var batches = BatchMeans()
    private var edge: Tally?
    private var before: (good: Int, centre: Double)?

    init() {}

    /// - Parameters:
    ///   - first: the end of the first bin.
    ///   - start: its begin; nil if it does not count.
    init(first: Tally, after start: Tally?) {
        edge = start
        note(first)
    }

    /// A bin has ended.
    mutating func note(_ edge: Tally) {
        defer { self.edge = edge }
        guard let last = self.edge, let centre = edge.centre(since: last) else { return }
        let good = edge.good - last.good
        if let before {
            batches.append(
                .init(
                    good: Double(before.good + good) / 2, seconds: centre - before.centre))
        }
        before = (good, centre)
    }
}
