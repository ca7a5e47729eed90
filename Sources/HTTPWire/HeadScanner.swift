/// Reads a head line by line: the lexical half of the parser.
struct HeadScanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// - Returns: nil if the line is not complete yet.
    mutating func requestLine() throws(HTTPParseError) -> RequestLine? {
        var index = position
        guard let method = try token(&index) else { return nil }
        guard let target = try target(&index) else { return nil }
        guard let minorVersion = try version(&index) else { return nil }
        guard index - position <= HTTPParser.maximumRequestLine + 2 else { throw Self.lineTooLong }
        position = index
        return RequestLine(
            method: HTTPMethod(method), methodText: method, target: target,
            minorVersion: minorVersion)
    }

    static let lineTooLong = HTTPParseError(
        414, "request line longer than \(HTTPParser.maximumRequestLine) bytes")

    /// A request line without its end must still be within its limit.
    func checkUnfinishedLine() throws(HTTPParseError) {
        if bytes.count > HTTPParser.maximumRequestLine { throw Self.lineTooLong }
    }

    private func token(_ index: inout Int) throws(HTTPParseError) -> UnsafeRawBufferPointer? {
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if isToken(byte) {
                index += 1
            } else if byte == 0x20, index > start {
                index += 1
                return bytes.view(start..<index - 1)
            } else {
                throw HTTPParseError(400, "the request does not begin with a method")
            }
        }
        return nil
    }

    private func target(_ index: inout Int) throws(HTTPParseError) -> UnsafeRawBufferPointer? {
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if isTarget(byte) {
                index += 1
            } else if byte == 0x20, index > start {
                index += 1
                return bytes.view(start..<index - 1)
            } else {
                throw HTTPParseError(
                    400, "the request target is empty or has a character that must be encoded")
            }
        }
        return nil
    }

    private func version(_ index: inout Int) throws(HTTPParseError) -> UInt8? {
        let expected: StaticString = "HTTP/"
        let left = bytes.count - index
        for offset in 0..<min(left, 5) where bytes[index + offset] != expected.utf8Start[offset] {
            throw HTTPParseError(400, "the request line does not end in an HTTP version")
        }
        guard left >= 10 else { return nil }
        let (major, minor) = (bytes[index + 5] &- 0x30, bytes[index + 7] &- 0x30)
        guard major <= 9, minor <= 9, bytes[index + 6] == 0x2e,
            bytes[index + 8] == 0x0d, bytes[index + 9] == 0x0a
        else { throw HTTPParseError(400, "the request line does not end in an HTTP version") }
        guard major == 1 else {
            throw HTTPParseError(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        index += 10
        return min(minor, 1)
    }

    /// - Returns: nil if the line is not complete yet, `.some(nil)` at the empty line that ends
    ///   the head.
    @inline(__always)
    mutating func fieldLine() throws(HTTPParseError) -> HTTPParser.FieldLine?? {
        var index = position
        while index < bytes.count, isToken(bytes[index]) { index += 1 }
        guard index < bytes.count else { return nil }
        if bytes[index] != 0x3a || index == position { return try emptyLine(index) }
        let name = bytes.view(position..<index)
        index += 1
        while index < bytes.count, isBlank(bytes[index]) { index += 1 }
        let start = index
        index = endOfText(from: index)
        guard index + 1 < bytes.count else {
            if index < bytes.count, bytes[index] != 0x0d { throw Self.control }
            return nil
        }
        guard bytes[index] == 0x0d, bytes[index + 1] == 0x0a else { throw Self.control }
        var end = index
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        position = index + 2
        return HTTPParser.FieldLine(name: name, value: bytes.view(start..<end))
    }

    private static let control = HTTPParseError(
        400, "a header field has a control character, a bare CR or a bare LF")

    private mutating func emptyLine(_ index: Int) throws(HTTPParseError)
        -> HTTPParser.FieldLine??
    {
        let byte = bytes[index]
        guard index == position, byte == 0x0d else {
            if index == position, isBlank(byte) {
                throw HTTPParseError(400, "a header field is folded over two lines")
            }
            throw HTTPParseError(400, "a header field has no name, or a space before its colon")
        }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == 0x0a else { throw Self.control }
        position = index + 2
        return .some(nil)
    }

    /// The first byte at or after `index` that a field value may not have, or the end.
    @inline(__always)
    private func endOfText(from start: Int) -> Int {
        var index = start
        // Sixteen at a time: most of a browser's request is field values.
        while index + 16 <= bytes.count {
            let block = bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let stops = (block .< 0x20) .| (block .== 0x7f)
            guard !any(stops) else { break }
            index += 16
        }
        while index < bytes.count {
            let byte = bytes[index]
            if (byte < 0x20 && byte != 0x09) || byte == 0x7f { break }
            index += 1
        }
        return index
    }
}

@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// token characters of RFC 9110 §5.6.2, as two 64-bit maps.
@inline(__always)
func isToken(_ byte: UInt8) -> Bool {
    let low: UInt64 = 0x03ff_6cfa_0000_0000  // ! # $ % & ' * + - . 0-9
    let high: UInt64 = 0x57ff_ffff_c7ff_fffe  // A-Z ^ _ ` a-z | ~
    if byte >= 0x80 { return false }
    return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte & 63)) & 1 == 1
}

/// Characters of a request target: those of RFC 3986 without fragment; `"<>\^`{|}` and everything
/// outside of visible ASCII must be percent-encoded. `[` and `]` stand in an IPv6 authority.
@inline(__always)
func isTarget(_ byte: UInt8) -> Bool {
    let low: UInt64 = 0xafff_fff2_0000_0000  // ! $ % & ' ( ) * + , - . / 0-9 : ; = ?
    let high: UInt64 = 0x47ff_fffe_afff_ffff  // @ A-Z [ ] _ a-z ~
    if byte >= 0x80 { return false }
    return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte & 63)) & 1 == 1
}
