/// Goes through characters one by one.
public struct CharacterCursor: IteratorProtocol, Sendable {
    private let matches: CharacterMatches
    private var range = 0
    /// Within that range.
    private var offset: Int
    /// How many are still to come.
    public private(set) var left: Int

    init(_ matches: CharacterMatches, _ part: Range<Int>) {
        (self.matches, offset, left) = (matches, part.lowerBound, part.count)
        while left > 0, offset >= matches.ranges[range].count {
            offset -= matches.ranges[range].count
            range += 1
        }
    }

    public mutating func next() -> Unicode.Scalar? {
        guard left > 0 else { return nil }
        left -= 1
        let found = matches.ranges[range]
        let value = found.lowerBound + UInt32(offset)
        offset += 1
        if offset == found.count { (range, offset) = (range + 1, 0) }
        return Unicode.Scalar(value)
    }
}
