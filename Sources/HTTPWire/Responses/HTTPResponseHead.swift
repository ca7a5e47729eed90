/// The head of a backend's response: what a proxy that forwards it unchanged has to know.
///
/// As lenient as clients are where the end of the message does not depend on it: bare LF as a line
/// end, no reason phrase, folded and nameless field lines. Refused is what two readers could see
/// different ends in.
public struct HTTPResponseHead: Equatable, Sendable {
    /// What follows the head, if the request lets it have a body (RFC 9112 §6.3).
    public enum Body: Equatable, Sendable {
        /// Content-Length, in bytes; `Int.max` if it does not fit.
        case length(Int)
        case chunked
        /// Everything up to the end of the connection.
        case untilEnd
    }

    /// Longest head, in bytes.
    public static let maximumHead = 65_536

    /// 100...999.
    public let status: UInt16
    /// The head's bytes, with the empty line.
    public let count: Int
    /// As its fields say; a response to HEAD, and one with 1xx, 204 or 304, has none all the same.
    public let body: Body

    /// Whether no body follows, whatever the fields say and whatever was asked for.
    public var isBodyless: Bool { status < 200 || status == 204 || status == 304 }

    /// Parses the head at the start of `bytes`.
    ///
    /// - Parameter overlooksEmptyCoding: whether a Transfer-Encoding that names none is none. Who
    ///   hands the message on must not: the next reader may see one.
    /// - Returns: nil if the head is not complete yet.
    /// - Throws: an error with status 502, as soon as it is certain.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer, overlooksEmptyCoding: Bool = false
    ) throws(HTTPParseError) -> HTTPResponseHead? {
        var lines = ResponseLines(bytes)
        let first = lines.next()
        try checkBeginning(bytes.view(first ?? 0..<min(bytes.count, maximumHead)))
        guard let first else { return try incomplete(bytes) }
        let (status, minorVersion) = try statusLine(bytes.view(first))
        var framing = ResponseFraming(
            minorVersion: minorVersion, overlooksEmptyCoding: overlooksEmptyCoding)
        while let line = lines.next() {
            if line.isEmpty {
                guard lines.position <= maximumHead else { throw tooLong }
                return HTTPResponseHead(
                    status: status, count: lines.position, body: try framing.body())
            }
            try framing.note(line: bytes.view(line))
        }
        return try incomplete(bytes)
    }

    /// The status that the first line says, of what may be no response beyond that.
    public static func status(_ bytes: UnsafeRawBufferPointer) -> UInt16? {
        var lines = ResponseLines(bytes)
        guard let first = lines.next(), (try? checkBeginning(bytes.view(first))) != nil else {
            return nil
        }
        return try? statusLine(bytes.view(first)).status
    }

    /// How many bytes there are up to an empty line; all if there is none.
    public static func headCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        var lines = ResponseLines(bytes)
        while let line = lines.next() {
            if line.isEmpty { return lines.position }
        }
        return bytes.count
    }

    private static let notHTTP = HTTPParseError(502, "the response does not begin with HTTP/1.x")
    private static let tooLong = HTTPParseError(
        502, "the response has a head longer than \(maximumHead) bytes")

    private static func incomplete(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError)
        -> HTTPResponseHead?
    {
        guard bytes.count <= maximumHead else { throw tooLong }
        return nil
    }

    /// Whether `line`, complete or not, can be a status line as far as it goes.
    private static func checkBeginning(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        let expected: StaticString = "HTTP/1."
        for index in 0..<min(line.count, 7) where line[index] != expected.utf8Start[index] {
            throw notHTTP
        }
    }

    /// HTTP-version SP status-code [SP reason-phrase] (RFC 9112 §4).
    private static func statusLine(_ line: UnsafeRawBufferPointer) throws(HTTPParseError)
        -> (status: UInt16, minorVersion: UInt8)
    {
        guard line.count >= 12, line[7] &- 0x30 <= 9, line[8] == 0x20 else { throw notHTTP }
        var status: UInt16 = 0
        for byte in line[9..<12] {
            guard byte &- 0x30 <= 9 else { throw notHTTP }
            status = status * 10 + UInt16(byte &- 0x30)
        }
        guard status >= 100, line.count == 12 || line[12] == 0x20 else { throw notHTTP }
        return (status, line[7] &- 0x30)
    }
}

/// Splits a head into lines that end in LF or CRLF.
private struct ResponseLines {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// - Returns: the next line without its end; nil if it is not complete.
    mutating func next() -> Range<Int>? {
        let start = position
        var index = start
        while index < bytes.count, bytes[index] != 0x0a { index += 1 }
        guard index < bytes.count else { return nil }
        position = index + 1
        return start..<(index > start && bytes[index - 1] == 0x0d ? index - 1 : index)
    }
}

/// Gathers what decides where a response ends (RFC 9112 §6.3).
private struct ResponseFraming {
    private enum Name { case length, coding, other }

    private let minorVersion: UInt8
    private let overlooksEmptyCoding: Bool
    private var length: Int?
    private var isCoded = false
    private var endsChunked = false
    private var last = Name.other

    init(minorVersion: UInt8, overlooksEmptyCoding: Bool) {
        (self.minorVersion, self.overlooksEmptyCoding) = (minorVersion, overlooksEmptyCoding)
    }

    mutating func note(line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard !line.contains(0), !line.contains(0x0d) else {
            throw HTTPParseError(502, "the response has a NUL or a bare CR in its head")
        }
        if line[0].isBlank {
            guard last == .other else {
                throw HTTPParseError(502, "the response folds the field that says its length")
            }
            return
        }
        last = .other
        guard let colon = line.firstIndex(of: 0x3a) else { return }
        let value = line.view(colon + 1..<line.count).trimmingBlanks()
        // RFC 9112 §5.1: blanks before the colon are to be overlooked in responses.
        let name = line.view(0..<colon).trimmingBlanks()
        if name.equalsIgnoringCase("content-length") {
            last = .length
            try noteLengths(value)
        } else if name.equalsIgnoringCase("transfer-encoding") {
            last = .coding
            noteCodings(value)
        }
    }

    /// One length, or the same several times (RFC 9110 §8.6).
    private mutating func noteLengths(_ value: UnsafeRawBufferPointer) throws(HTTPParseError) {
        for part in value.split(separator: 0x2c, omittingEmptySubsequences: false) {
            let digits = UnsafeRawBufferPointer(rebasing: part).trimmingBlanks()
            var cursor = FieldCursor(digits)
            guard let number = cursor.saturatingDecimal(), cursor.isAtEnd else {
                throw HTTPParseError(502, "the response has a Content-Length that is no number")
            }
            guard length == nil || length == number else {
                throw HTTPParseError(502, "the response has two different Content-Lengths")
            }
            length = number
        }
    }

    private mutating func noteCodings(_ value: UnsafeRawBufferPointer) {
        if overlooksEmptyCoding, value.isEmpty { return }
        isCoded = true
        for part in value.split(separator: 0x2c) {
            let coding = UnsafeRawBufferPointer(rebasing: part).trimmingBlanks()
            if !coding.isEmpty { endsChunked = coding.equalsIgnoringCase("chunked") }
        }
    }

    func body() throws(HTTPParseError) -> HTTPResponseHead.Body {
        guard isCoded else { return length.map { .length($0) } ?? .untilEnd }
        guard length == nil else {
            throw HTTPParseError(
                502, "the response has both Content-Length and Transfer-Encoding")
        }
        // RFC 9112 §6.1: an HTTP/1.0 message with a transfer coding has a faulty framing.
        return endsChunked && minorVersion > 0 ? .chunked : .untilEnd
    }
}
