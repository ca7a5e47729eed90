/// The lines of a client, however they come.
struct QueryLines {
    enum Step: Equatable {
        /// Nothing that can be told yet.
        case none
        /// Without its end.
        case line(String)
        /// The line under way is longer than it may be; the rest of it is left out.
        case tooLong
        /// The end of such a line, or of the client in it.
        case skipped
        /// The client has ended, or a line has come that ends the session.
        case end
    }

    private let maximum: Int
    private var bytes: [UInt8] = []
    /// Of the bytes, how many have been used.
    private var used = 0
    /// Where the search for the end of a line goes on.
    private var searched = 0
    private var isSkipping = false
    private var isEnded = false

    private static let lineFeed: UInt8 = 0x0a

    /// - Parameter maximum: bytes of the longest line, without its end (LF or CRLF).
    init(maximum: Int) { self.maximum = maximum }

    /// How many bytes wait.
    var count: Int { bytes.count - used }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.removeFirst(used)
        (searched, used) = (searched - used, 0)
        bytes += more
    }

    mutating func end() { isEnded = true }

    mutating func next() -> Step {
        while searched < bytes.count, bytes[searched] != Self.lineFeed { searched += 1 }
        let isWhole = searched < bytes.count
        let line = bytes[used..<searched]
        if isSkipping { return skip(isWhole) }
        if Self.endsSession(line.prefix(maximum)) { return .end }
        // The return may be half of the line's end.
        if line.count - (line.last == 0x0d ? 1 : 0) > maximum { return beginSkipping() }
        guard isWhole || isEnded else { return .none }
        guard isWhole || !line.isEmpty else { return .end }
        use(isWhole)
        guard let text = String(validating: line, as: UTF8.self) else { return .end }
        return .line(text)
    }

    /// Uses the bytes searched, with the line's end if it is there.
    private mutating func use(_ isWhole: Bool) {
        if isWhole { searched += 1 }
        used = searched
    }

    private mutating func beginSkipping() -> Step {
        isSkipping = true
        used = searched
        return .tooLong
    }

    private mutating func skip(_ isWhole: Bool) -> Step {
        use(isWhole)
        guard isWhole || isEnded else { return .none }
        isSkipping = false
        return .skipped
    }

    /// Whether a line will end the session, however it goes on: a client that has been left by
    /// Ctrl-C says so in the middle of a line (RFC 854), with bytes that UTF-8 does not have
    /// (RFC 3629 §1).
    private static func endsSession(_ line: ArraySlice<UInt8>) -> Bool {
        let first = line.first { !$0.isBlank }
        return first.map { $0 < 0x20 } ?? false || line.contains { $0 > 0xf4 || $0 & 0xfe == 0xc0 }
    }
}

extension UInt8 {
    /// Of those that are no letters, the ones that Python strips: the same that the proxy leaves
    /// out, so that an exchange is recorded as it is answered.
    var isBlank: Bool { (0x09...0x0d).contains(self) || (0x1c...0x20).contains(self) }
}
