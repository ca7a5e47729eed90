/// Watches a head that comes in pieces, so that it is not parsed again at every piece.
///
/// Each byte is looked at once here; parsing at every doubling of the size refuses nonsense early
/// and costs no more than twice the head.
struct HeadEndScanner {
    private var scanned = 0
    private var lineStart = 0
    private var nextAttempt = 0

    /// Whether parsing `bytes` could now tell more than it did the last time.
    ///
    /// - Parameter limit: a size from which on parsing tells in any case.
    mutating func isWorthParsing(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        // Most heads come whole: the first look is the parser's.
        let endsLine = nextAttempt == 0 || scan(bytes)
        guard endsLine || bytes.count >= nextAttempt else { return false }
        let next = bytes.count < 16 ? bytes.count + 1 : bytes.count * 2
        nextAttempt = bytes.count < limit ? min(next, limit) : next
        return true
    }

    /// - Returns: whether the first line or an empty line has been completed.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var isFound = false
        while scanned < bytes.count {
            if bytes[scanned] == 0x0a {
                let isEmpty =
                    scanned == lineStart || (scanned == lineStart + 1 && bytes[lineStart] == 0x0d)
                if lineStart == 0 || isEmpty { isFound = true }
                lineStart = scanned + 1
            }
            scanned += 1
        }
        return isFound
    }
}
