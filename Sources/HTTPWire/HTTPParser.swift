/// A head that is refused, with the status that says so. The connection is then closed: where the
/// next request begins would be a guess.
public struct HTTPParseError: Error, Equatable, Sendable, CustomStringConvertible {
    public let status: HTTPStatus
    /// One sentence for the body and the log.
    public let description: String

    init(_ status: HTTPStatus, _ description: String) {
        (self.status, self.description) = (status, description)
    }
}

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

    struct FieldLine {
        let name: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
    }

    /// Parses the head at the start of `bytes`.
    ///
    /// - Returns: nil if the head is not complete yet. The request's `head.count` and the empty
    ///   lines before it (`skipped`) are what was consumed.
    public static func parse(_ bytes: UnsafeRawBufferPointer, skipped: inout Int)
        throws(HTTPParseError) -> HTTPRequest?
    {
        skipped = try emptyLines(bytes)
        var scanner = HeadScanner(bytes.view(skipped..<bytes.count))
        guard let line = try scanner.requestLine() else {
            try scanner.checkUnfinishedLine()
            return nil
        }
        let fieldsOffset = scanner.position
        var framing = FieldFraming(minorVersion: line.minorVersion)
        var count = 0
        while let next = try scanner.fieldLine() {
            guard let field = next else {
                return try request(
                    scanner.bytes.view(0..<scanner.position), line, framing, fieldsOffset)
            }
            count += 1
            guard count <= maximumFields else {
                throw HTTPParseError(431, "more than \(maximumFields) header fields")
            }
            try framing.note(field)
        }
        guard scanner.bytes.count <= maximumHead else { throw Self.headTooLong }
        return nil
    }

    static let headTooLong = HTTPParseError(431, "header section longer than \(maximumHead) bytes")

    private static func emptyLines(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int {
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
        _ head: UnsafeRawBufferPointer, _ line: RequestLine, _ framing: FieldFraming,
        _ fieldsOffset: Int
    ) throws(HTTPParseError) -> HTTPRequest {
        guard head.count <= maximumHead else { throw headTooLong }
        var traits = framing.traits
        let path = try RequestTarget.path(of: line.target, method: line.method, traits: &traits)
        return HTTPRequest(
            head: head, method: line.method, methodText: line.methodText, target: line.target,
            path: path, minorVersion: line.minorVersion, traits: traits,
            body: try framing.body(), fieldsOffset: fieldsOffset)
    }

    /// Steps through the field lines of a head that has been parsed before.
    static func fieldLine(in head: UnsafeRawBufferPointer, at position: inout Int) -> FieldLine? {
        var scanner = HeadScanner(head)
        scanner.position = position
        guard let next = try? scanner.fieldLine(), let field = next else { return nil }
        position = scanner.position
        return field
    }
}

/// method SP request-target SP HTTP-version CRLF (RFC 9112 §3).
struct RequestLine {
    let method: HTTPMethod
    let methodText: UnsafeRawBufferPointer
    let target: UnsafeRawBufferPointer
    let minorVersion: UInt8
}
