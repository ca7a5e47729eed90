/// Gathers, field by field, what decides where a request ends and how it is answered.
struct FieldFraming {
    private(set) var traits: HTTPRequest.Traits = []
    private let minorVersion: UInt8
    private var hosts = 0
    private var lengths = 0
    private var length = 0
    private var isChunked = false

    init(minorVersion: UInt8) {
        self.minorVersion = minorVersion
    }

    /// Names are told apart by length first: most fields of a request are none of these.
    @inline(__always)
    mutating func note(_ field: HeadScanner) throws(HTTPParseError) {
        let name = field.name
        switch name.count {
        case 4: if name.equalsIgnoringCase("host") { try noteHost(field.value) }
        case 5: if name.equalsIgnoringCase("range") { traits.insert(.range) }
        case 6: if name.equalsIgnoringCase("expect") { noteExpect(field.value) }
        case 8:
            if name.equalsIgnoringCase("if-match") || name.equalsIgnoringCase("if-range") {
                traits.insert(.conditional)
            }
        case 10: if name.equalsIgnoringCase("connection") { noteConnection(field.value) }
        case 13: if name.equalsIgnoringCase("if-none-match") { traits.insert(.conditional) }
        case 14: if name.equalsIgnoringCase("content-length") { try noteLength(field.value) }
        case 17:
            if name.equalsIgnoringCase("if-modified-since") {
                traits.insert(.conditional)
            } else if name.equalsIgnoringCase("transfer-encoding") {
                try noteTransferEncoding(field.value)
            }
        case 18: if name.equalsIgnoringCase("x-flagserver-label") { traits.insert(.label) }
        case 19: if name.equalsIgnoringCase("if-unmodified-since") { traits.insert(.conditional) }
        default: break
        }
    }

    /// RFC 9112 §6.3, with everything ambiguous refused.
    func body() throws(HTTPParseError) -> HTTPRequest.Body {
        if hosts == 0, minorVersion == 1 {
            throw HTTPParseError(400, "an HTTP/1.1 request needs a Host field")
        }
        if isChunked {
            guard lengths == 0 else {
                throw HTTPParseError(400, "Content-Length and Transfer-Encoding together")
            }
            return .chunked
        }
        return lengths == 0 || length == 0 ? .none : .length(length)
    }

    private mutating func noteHost(_ value: UnsafeRawBufferPointer) throws(HTTPParseError) {
        hosts += 1
        guard hosts == 1 else { throw HTTPParseError(400, "more than one Host field") }
        guard HostField.isValid(value) else {
            throw HTTPParseError(400, "the Host field is malformed")
        }
    }

    private mutating func noteLength(_ value: UnsafeRawBufferPointer) throws(HTTPParseError) {
        lengths += 1
        guard lengths == 1 else { throw HTTPParseError(400, "more than one Content-Length") }
        guard !value.isEmpty else { throw HTTPParseError(400, "an empty Content-Length") }
        for byte in value {
            guard byte &- 0x30 <= 9 else {
                throw HTTPParseError(400, "Content-Length is not a number")
            }
            let (tens, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte &- 0x30))
            length = overflow || carry || length == .max ? .max : sum
        }
    }

    private mutating func noteTransferEncoding(_ value: UnsafeRawBufferPointer)
        throws(HTTPParseError)
    {
        guard minorVersion == 1 else {
            throw HTTPParseError(400, "Transfer-Encoding in HTTP/1.0")
        }
        guard !isChunked else {
            throw HTTPParseError(400, "Transfer-Encoding is given twice")
        }
        guard value.equalsIgnoringCase("chunked") else {
            let endsChunked =
                value.count > 7
                && value.view(value.count - 7..<value.count)
                    .equalsIgnoringCase("chunked")
            // A body that does not end in chunked has no known end (RFC 9112 §6.1).
            throw endsChunked && !value.starts(with: "chunked".utf8)
                ? HTTPParseError(501, "only the transfer coding chunked is known here")
                : HTTPParseError(400, "Transfer-Encoding is not exactly chunked")
        }
        isChunked = true
    }

    private mutating func noteExpect(_ value: UnsafeRawBufferPointer) {
        guard minorVersion == 1 else { return }  // RFC 9110 §10.1.1: ignored in HTTP/1.0
        let known = value.equalsIgnoringCase("100-continue")
        traits.insert(known ? .expectsContinue : .expectsUnknown)
    }

    private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
        var start = 0
        for end in 0...value.count where end == value.count || value[end] == 0x2c {
            let option = value.view(start..<end).trimmingBlanks()
            if option.equalsIgnoringCase("close") { traits.insert(.close) }
            if option.equalsIgnoringCase("keep-alive") { traits.insert(.keepAlive) }
            start = end + 1
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Without optional white space at both ends (RFC 9110 §5.6.3).
    func trimmingBlanks() -> UnsafeRawBufferPointer {
        var (start, end) = (0, count)
        while start < end, self[start].isBlank { start += 1 }
        while end > start, self[end - 1].isBlank { end -= 1 }
        return view(start..<end)
    }
}
