/// A marker with a number: `*3`, `$512`, `$-1`.
struct RedisLengthLine {
    /// Longest such line with its end, in bytes.
    static let maximumCount = 32

    enum Reading {
        case incomplete
        case malformed
        case line(RedisLengthLine)
    }

    let marker: UInt8
    /// -1 or more.
    let number: Int
    /// Where the next line begins.
    let next: Int

    /// - Parameters:
    ///   - start: where the line begins in `bytes`.
    ///   - limit: the largest number that is allowed.
    static func read(_ bytes: UnsafeRawBufferPointer, at start: Int, atMost limit: Int) -> Reading {
        let end = min(bytes.count, start + maximumCount)
        guard let lineFeed = bytes[start..<end].firstIndex(of: 0x0a) else {
            return end < start + maximumCount ? .incomplete : .malformed
        }
        guard lineFeed > start + 2, bytes[lineFeed - 1] == 0x0d else { return .malformed }
        let digits = bytes.part(start + 1..<lineFeed - 1)
        let isNegative = digits.elementsEqual("-1".utf8)
        guard let number = isNegative ? -1 : digits.decimal(atMost: limit) else {
            return .malformed
        }
        return .line(RedisLengthLine(marker: bytes[start], number: number, next: lineFeed + 1))
    }
}
