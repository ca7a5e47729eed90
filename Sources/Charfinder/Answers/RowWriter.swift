/// Writes characters piece by piece, with what stands before and behind them.
struct RowWriter {
    /// Most bytes of a piece, but for one row and what stands around them: some dozens of
    /// microseconds, so that many who take much do not hold up others.
    static let piece = 4 << 10

    private let format: RowFormat
    private var before: [UInt8]
    private var behind: [UInt8]
    private var cursor: CharacterCursor
    private var isFirst = true

    init(_ format: RowFormat, _ cursor: CharacterCursor, before: [UInt8] = [], behind: [UInt8]) {
        (self.format, self.cursor) = (format, cursor)
        (self.before, self.behind) = (before, behind)
    }

    /// - Returns: empty if all has been written.
    mutating func next() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &before)
        bytes.reserveCapacity(min(bytes.count + cursor.left * 64, Self.piece + 256) + behind.count)
        while bytes.count < Self.piece, let scalar = cursor.next() {
            format.write(scalar, isFirst: isFirst, to: &bytes)
            isFirst = false
        }
        if cursor.left == 0 {
            bytes += behind
            behind = []
        }
        return bytes
    }
}
