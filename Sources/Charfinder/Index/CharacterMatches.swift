/// Characters in the order of their code points, as the ranges they form.
public struct CharacterMatches: Equatable, Sendable {
    /// In order; no two touch.
    private(set) var ranges: [Range<UInt32>] = []
    public private(set) var count = 0

    init() {}

    /// Adds characters behind, or next to, all that there are.
    mutating func append(_ range: Range<UInt32>) {
        guard !range.isEmpty else { return }
        count += range.count
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    /// Those that are in both.
    func intersection(_ other: CharacterMatches) -> CharacterMatches {
        var both = CharacterMatches()
        var (mine, theirs) = (ranges[...], other.ranges[...])
        while let left = mine.first, let right = theirs.first {
            both.append(left.clamped(to: right))
            if left.upperBound < right.upperBound {
                mine.removeFirst()
            } else {
                theirs.removeFirst()
            }
        }
        return both
    }

    /// With one more, wherever it belongs.
    func inserting(_ scalar: UInt32) -> CharacterMatches {
        guard !ranges.contains(where: { $0.contains(scalar) }) else { return self }
        var more = CharacterMatches()
        let behind = ranges.firstIndex { $0.lowerBound > scalar } ?? ranges.endIndex
        ranges[..<behind].forEach { more.append($0) }
        more.append(scalar..<scalar + 1)
        ranges[behind...].forEach { more.append($0) }
        return more
    }

    /// Part of them, from the first as number 0.
    public func cursor(_ part: Range<Int>) -> CharacterCursor {
        CharacterCursor(self, part.clamped(to: 0..<count))
    }
}
