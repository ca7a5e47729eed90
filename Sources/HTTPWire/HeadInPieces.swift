/// Watches a head that comes in pieces, so that it is not parsed again at every piece.
///
/// Each byte is looked at once here; parsing at every doubling of the size refuses nonsense early
/// and costs no more than twice the head.
public struct HeadInPieces {
    public enum Message { case request, response }

    private var scanned = 0
    private var lineStart = 0
    private var nextAttempt = 0

    public init() {}

    /// Sizes from which on the parser says more in any case, rising. Beyond the last one it refuses
    /// every head that is not complete, with the empty lines before it.
    private static let requestLimits = [
        HTTPParser.maximumRequestLine + 2, HTTPParser.maximumHead + 1, HTTPParser.maximumHead + 16,
    ]
    private static let responseLimits = [HTTPResponseHead.maximumHead + 1]

    /// Whether parsing `bytes` could now tell more than it did the last time.
    ///
    /// - Parameter bytes: all of the head that has come; more each time.
    public mutating func isWorthParsing(
        _ bytes: UnsafeRawBufferPointer, as message: Message
    ) -> Bool {
        // Most heads come whole: the first look is the parser's.
        let endsLine = nextAttempt == 0 || scan(bytes)
        guard endsLine || bytes.count >= nextAttempt else { return false }
        let next = bytes.count < 16 ? bytes.count + 1 : bytes.count * 2
        let limits = message == .request ? Self.requestLimits : Self.responseLimits
        nextAttempt = min(next, limits.first { $0 > bytes.count } ?? next)
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
