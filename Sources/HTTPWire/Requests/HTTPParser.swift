/// The strict request parser of RFC 9112 §3 to §6: in place, without allocation, and never a guess.
///
/// Refused, because two readers could disagree on them: bare CR and bare LF, obs-fold, space before
/// the colon, NUL and other controls, a missing, repeated or malformed Host, any second
/// Content-Length, Content-Length with Transfer-Encoding, Transfer-Encoding in HTTP/1.0.
public enum HTTPParser {
    /// Longest request line in bytes; beyond it 414.
    public static let maximumRequestLine = 8192
    /// Longest head in bytes and most field lines; beyond them 431.
    public static let maximumHead = 32_768
    public static let maximumFields = 100
    /// Empty lines that may precede a request (RFC 9112 §2.2).
    private static let maximumEmptyLines = 4

    /// Parses the head at the start of `bytes`.
    ///
    /// - Returns: nil if the head is not complete yet. The request's `head.count` and the empty
    ///   lines before it (`skipped`) are what was consumed.
    public static func parse(_ bytes: UnsafeRawBufferPointer, skipped: inout Int)
        throws(HTTPParseError) -> HTTPRequest?
    {
        skipped = try emptyLines(bytes)
        // A CR alone may become an empty line.
        if bytes.count == skipped + 1, bytes[skipped] == 0x0d { return nil }
        guard var scanner = HeadScanner(bytes.view(skipped..<bytes.count)) else { return nil }
        guard let line = try scanner.requestLine() else {
            try scanner.checkUnfinishedLine()
            return nil
        }
        let fieldsOffset = scanner.position
        var framing = FieldFraming(minorVersion: line.minorVersion)
        for _ in 0...maximumFields {
            switch try scanner.next() {
            case .field: try framing.note(scanner)
            case .end: return try request(scanner, line, framing, fieldsOffset)
            case .incomplete:
                guard scanner.count <= maximumHead else { throw headTooLong }
                return nil
            }
        }
        throw HTTPParseError(431, "more than \(maximumFields) header fields")
    }

    static let headTooLong = HTTPParseError(431, "header section longer than \(maximumHead) bytes")

    @inline(__always)
    private static func emptyLines(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int {
        guard let first = bytes.first, first == 0x0d else { return 0 }
        var position = 0
        while position + 1 < bytes.count, bytes[position] == 0x0d, bytes[position + 1] == 0x0a {
            position += 2
        }
        guard position <= maximumEmptyLines * 2 else {
            throw HTTPParseError(400, "too many empty lines before the request")
        }
        return position
    }

    private static func request(
        _ scanner: HeadScanner, _ line: RequestLine, _ framing: FieldFraming, _ fieldsOffset: Int
    ) throws(HTTPParseError) -> HTTPRequest {
        let head = scanner.view(0, scanner.position)
        guard head.count <= maximumHead else { throw headTooLong }
        var traits = framing.traits
        let path = try RequestTarget.path(of: line.target, method: line.method, traits: &traits)
        return HTTPRequest(
            head: head, method: line.method, methodText: line.methodText, target: line.target,
            path: path, minorVersion: line.minorVersion, traits: traits,
            body: try framing.body(), fieldsOffset: fieldsOffset)
    }
}
