import HTTPWire

/// What has left of an answer, counted as it leaves: behind the last fault, and exactly.
final class LeavingBytes {
    /// Runs of the end that are known one by one: what the kernel may still lose.
    private static let maximumRuns = 4096

    /// Bytes of one kind.
    private struct Run {
        var count: Int
        let isContent: Bool
        let harm: Bytes.Harm
    }

    private(set) var count = 0
    private(set) var content = 0
    private var foreign = 0
    /// The first ones, up to the first that a fault has harmed.
    private var unharmed = 0
    private var isBehindLoss = false
    /// Whether one was taken that has been lost since then.
    private var hadHonestBytes = false
    private var hadBytes = false
    /// Needed only where head and content take turns, or faults do harm.
    private var runs: [Run] = []

    /// Whether so many have left as they were, at least one.
    func hasUnharmed(_ count: Int) -> Bool { count > 0 && unharmed >= count }
    var isMangled: Bool { foreign > 0 || isBehindLoss }
    /// Whether the kernel has taken a byte of what we meant to say, whatever became of it.
    var hasHonestBytes: Bool { hadHonestBytes || count > foreign }

    /// Whether the kernel has taken any byte, whatever became of it.
    var hasTaken: Bool { hadBytes || count > 0 }

    func add(_ bytes: Bytes) {
        guard !bytes.isHead, let content = bytes.storage.content else {
            let isContent = !bytes.isHead && bytes.harm != .foreign
            return add(Run(count: bytes.count, isContent: isContent, harm: bytes.harm))
        }
        // Of what is foreign, a script says what is content.
        let (start, end) = (bytes.offset, bytes.offset + bytes.count)
        let first = Self.firstRun(in: content, behind: start)
        let inside = content[first...].prefix { $0.lowerBound < end }.map { run in
            max(run.lowerBound, start) - start..<min(run.upperBound, end) - start
        }
        add(bytes.count, content: inside, harm: bytes.harm)
    }

    /// The first of runs in order that ends behind a place: a slice must not look at all of them.
    private static func firstRun(in runs: [Range<Int>], behind place: Int) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound <= place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// - Parameter content: where content lies in them; nil: everywhere.
    func add(_ count: Int, content: [Range<Int>]?, harm: Bytes.Harm = .none) {
        guard let content else { return add(count, content: count) }
        var place = 0
        for run in content {
            add(Run(count: run.lowerBound - place, isContent: false, harm: harm))
            add(Run(count: run.count, isContent: true, harm: harm))
            place = run.upperBound
        }
        add(Run(count: count - place, isContent: false, harm: harm))
    }

    /// - Parameter content: all of them, or 0.
    func add(_ count: Int, content: Int) {
        add(Run(count: count, isContent: content > 0, harm: .none))
    }

    private func add(_ run: Run) {
        guard run.count > 0 else { return }
        if run.harm == .behindLoss { isBehindLoss = true }
        if run.harm == .foreign { foreign += run.count }
        if !isMangled { unharmed += run.count }
        // In front of content alone lies the head, so that the end is known without runs.
        let isPlain = runs.isEmpty && run.harm == .none && (run.isContent || content == 0)
        count += run.count
        if run.isContent { content += run.count }
        if !isPlain { remember(run) }
    }

    private func remember(_ run: Run) {
        if let last = runs.last, last.isContent == run.isContent, last.harm == run.harm {
            return runs[runs.count - 1].count += run.count
        }
        if runs.count == Self.maximumRuns { runs.removeFirst(Self.maximumRuns / 2) }
        runs.append(run)
    }

    /// So many of the last ones have not arrived.
    ///
    /// - Parameter untaken: how many of them not even the kernel had taken.
    func lose(_ lost: Int, untaken: Int) {
        if count > untaken { hadBytes = true }
        if count - min(untaken, count) > foreign { hadHonestBytes = true }
        var left = min(lost, count)
        count -= left
        while left > 0, let last = runs.last {
            let taken = min(left, last.count)
            left -= taken
            if last.isContent { content -= taken }
            if last.harm == .foreign { foreign -= taken }
            if taken == last.count {
                runs.removeLast()
            } else {
                runs[runs.count - 1].count -= taken
            }
        }
        content -= min(left, content)
        unharmed = min(unharmed, count)
        if !runs.contains(where: { $0.harm == .behindLoss }) { isBehindLoss = false }
    }
}
