/// Reads a head line by line: the lexical half of the parser.
///
/// The last field line that was read lies in `name` and `value`: returning it with the step would
/// cost more than reading it.
struct HeadScanner {
    enum Step {
        /// The line is not complete yet.
        case incomplete
        /// A field line has been read.
        case field
        /// The empty line that ends the head has been read.
        case end
    }

    private let base: UnsafePointer<UInt8>
    let count: Int
    private(set) var position: Int
    private var nameRange = (start: 0, end: 0)
    private var valueRange = (start: 0, end: 0)

    /// - Parameter bytes: not empty.
    init?(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        guard let base = bytes.baseAddress else { return nil }
        self.base = base.assumingMemoryBound(to: UInt8.self)
        (count, self.position) = (bytes.count, position)
    }

    @inline(__always)
    var name: UnsafeRawBufferPointer { view(nameRange.start, nameRange.end) }
    @inline(__always)
    var value: UnsafeRawBufferPointer { view(valueRange.start, valueRange.end) }

    @inline(__always)
    func view(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + start, count: end - start)
    }

    // MARK: The request line

    /// - Returns: nil if the line is not complete yet.
    @inline(__always)
    mutating func requestLine() throws(HTTPParseError) -> RequestLine? {
        let methodEnd = endOfToken(from: position)
        guard methodEnd < count else { return nil }
        guard methodEnd > position, base[methodEnd] == 0x20 else {
            throw beginsHandshake ? .tls : Self.noMethod
        }
        let targetEnd = endOfTarget(from: methodEnd + 1)
        guard targetEnd < count else { return nil }
        guard targetEnd > methodEnd + 1, base[targetEnd] == 0x20 else { throw Self.badTarget }
        guard let minorVersion = try version(at: targetEnd + 1) else { return nil }
        guard targetEnd + 9 - position <= HTTPParser.maximumRequestLine else {
            throw Self.lineTooLong
        }
        let method = view(position, methodEnd)
        position = targetEnd + 11
        return RequestLine(
            method: HTTPMethod(method), methodText: method,
            target: view(methodEnd + 1, targetEnd), minorVersion: minorVersion)
    }

    /// A record of TLS with a handshake in it (RFC 8446 §5.1).
    private var beginsHandshake: Bool {
        count > position + 1 && base[position] == 0x16 && base[position + 1] == 0x03
    }

    private static let noMethod = HTTPParseError(400, "the request does not begin with a method")
    private static let badTarget = HTTPParseError(
        400, "the request target is empty or has a character that must be encoded")
    private static let badVersion = HTTPParseError(
        400, "the request line does not end in an HTTP version")
    private static let lineTooLong = HTTPParseError(
        414, "request line longer than \(HTTPParser.maximumRequestLine) bytes")

    /// A request line without its end must still be within its limit.
    func checkUnfinishedLine() throws(HTTPParseError) {
        // Its CR, if that is all that is missing, does not count.
        if count > HTTPParser.maximumRequestLine + 1 { throw Self.lineTooLong }
    }

    @inline(__always)
    private func version(at start: Int) throws(HTTPParseError) -> UInt8? {
        let expected: StaticString = "HTTP/"
        let left = count - start
        for offset in 0..<min(left, 5) where base[start + offset] != expected.utf8Start[offset] {
            throw Self.badVersion
        }
        guard left >= 10 else { return nil }
        let (major, minor) = (base[start + 5] &- 0x30, base[start + 7] &- 0x30)
        guard major <= 9, minor <= 9, base[start + 6] == 0x2e,
            base[start + 8] == 0x0d, base[start + 9] == 0x0a
        else { throw Self.badVersion }
        guard major == 1 else {
            throw HTTPParseError(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        return min(minor, 1)
    }

    // MARK: Field lines

    @inline(__always)
    mutating func next() throws(HTTPParseError) -> Step {
        let colon = endOfToken(from: position)
        guard colon < count else { return .incomplete }
        guard base[colon] == 0x3a, colon > position else { return try emptyLine(colon) }
        var start = colon + 1
        while start < count, base[start].isBlank { start += 1 }
        let stop = endOfText(from: start)
        guard stop + 1 < count else {
            if stop < count, base[stop] != 0x0d { throw Self.control }
            return .incomplete
        }
        guard base[stop] == 0x0d, base[stop + 1] == 0x0a else { throw Self.control }
        var end = stop
        while end > start, base[end - 1].isBlank { end -= 1 }
        nameRange = (position, colon)
        valueRange = (start, end)
        position = stop + 2
        return .field
    }

    private static let control = HTTPParseError(
        400, "a header field has a control character, a bare CR or a bare LF")

    private mutating func emptyLine(_ index: Int) throws(HTTPParseError) -> Step {
        let byte = base[index]
        guard index == position, byte == 0x0d else {
            if index == position, byte.isBlank {
                throw HTTPParseError(400, "a header field is folded over two lines")
            }
            throw HTTPParseError(400, "a header field has no name, or a space before its colon")
        }
        guard index + 1 < count else { return .incomplete }
        guard base[index + 1] == 0x0a else { throw Self.control }
        position = index + 2
        return .end
    }

    // MARK: Runs of characters

    @inline(__always)
    private func endOfToken(from start: Int) -> Int {
        var index = start
        while index < count, base[index].isToken { index += 1 }
        return index
    }

    @inline(__always)
    private func endOfTarget(from start: Int) -> Int {
        var index = start
        while index < count, base[index].isTarget { index += 1 }
        return index
    }

    /// The first byte at or after `start` that a field value may not have, or the end.
    @inline(__always)
    private func endOfText(from start: Int) -> Int {
        var index = start
        // Eight at a time, by arithmetic on a word: most of a request is field values.
        while index + 8 <= count, !hasControl(word(at: index)) { index += 8 }
        while index < count {
            let byte = base[index]
            if byte.isControl { break }
            index += 1
        }
        return index
    }

    @inline(__always)
    private func word(at index: Int) -> UInt64 {
        UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
    }
}

/// Whether one of the eight bytes is below 0x20 or is 0x7f; now and then also true without, when a
/// byte follows one that is, which costs only the closer look.
@inline(__always)
private func hasControl(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let below = (word &- ones &* 0x20) & ~word & highs
    let other = word ^ (ones &* 0x7f)
    let deletes = (other &- ones) & ~other & highs
    return below | deletes != 0
}
