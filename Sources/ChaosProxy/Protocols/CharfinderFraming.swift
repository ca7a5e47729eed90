extension ProtocolTraits {
    static let charfinder = ProtocolTraits(
        framing: { CharfinderFraming() }, serverSpeaksFirst: true,
        errorReply: { ErrorReply("error \($0)\r\n\(CharfinderFraming.prompt)") },
        method: "QUERY")
}

/// Lines that are asked behind a prompt: a line is the request, and what comes up to the next
/// prompt the reply. A line that begins with a control character, or is no UTF-8, is answered with
/// the end.
struct CharfinderFraming: MessageFraming {
    private enum Kind: UInt8 { case query, leave }

    private enum Phase {
        case line
        /// The rest of a line that is longer than others.
        case rest
        /// Nothing that comes is a request any more.
        case leaving
        /// A fault has answered instead: the session goes on.
        case stays
    }

    static let prompt: StaticString = "?> "
    /// Of a longer line all that follows belongs to it, whatever it is. In bytes, without its end.
    static let maximumLine = 4096

    private var phase = Phase.line
    private var isEnded = false
    private var isGreeted = false
    /// Whether the next byte of the server begins a line.
    private var isAtStart = true

    // MARK: Requests

    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        if case .stays = phase {
            phase = .line
            return .continues(count: 0, isComplete: true)
        }
        guard !bytes.isEmpty || isEnded else { return .incomplete }
        switch phase {
        case .line, .stays: return bytes.isEmpty ? .incomplete : line(bytes)
        case .leaving:
            return bytes.isEmpty
                ? .incomplete : .continues(count: bytes.count, isComplete: false)
        case .rest: return rest(bytes)
        }
    }

    private mutating func rest(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        let end = bytes.firstIndex(of: 0x0a)
        let isComplete = end != nil || isEnded
        if isComplete { phase = .line }
        return .continues(count: end.map { $0 + 1 } ?? bytes.count, isComplete: isComplete)
    }

    private mutating func line(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        let text = bytes.part(0..<(bytes.firstIndex(of: 0x0a) ?? bytes.count))
        let start = text.part(0..<min(text.count, Self.maximumLine))
        // With what the client has sent behind it, up to the end of its line.
        let count = min(text.count + 1, bytes.count)
        if let end = Self.leavingByte(in: start) { return leave(0..<end + 1, count: count) }
        if Self.isTooLong(text) {
            phase = .rest
            let target = 0..<RequestHead.maximumTarget
            return .begins(head(target, .query), count: start.count + 1, isComplete: false)
        }
        guard text.count < bytes.count || isEnded else { return .incomplete }
        let target = Self.stripped(text)
        guard String(validating: text, as: UTF8.self) != nil else {
            return leave(target, count: count)
        }
        return .begins(head(target, .query), count: count, isComplete: true)
    }

    /// What the client has sent last counts as a line, with its FIN as the end.
    mutating func clientEnded() -> Bool {
        defer { isEnded = true }
        return !isEnded
    }

    /// - Parameter target: with what ends the session, so that it is not drawn as an empty line.
    private mutating func leave(_ target: Range<Int>, count: Int) -> RequestStep {
        phase = .leaving
        return .begins(head(target, .leave), count: count, isComplete: false)
    }

    private func head(_ target: Range<Int>, _ kind: Kind) -> RequestHead {
        let target =
            target
            .lowerBound..<min(
                target.upperBound, target.lowerBound + RequestHead.maximumTarget)
        return RequestHead(
            method: target.lowerBound..<target.lowerBound, target: target, kind: kind.rawValue)
    }

    /// The byte that ends the session as soon as it comes: a control character before all others
    /// but blanks, or one that UTF-8 does not have (RFC 3629 §1), as Telnet's commands begin.
    private static func leavingByte(in line: UnsafeRawBufferPointer) -> Int? {
        let first = line.firstIndex { !isBlank($0) }
        if let first, line[first] < 0x20 { return first }
        return line.firstIndex { $0 > 0xf4 || $0 & 0xfe == 0xc0 }
    }

    /// As Python strips them.
    private static func isBlank(_ byte: UInt8) -> Bool {
        (0x09...0x0d).contains(byte) || (0x1c...0x20).contains(byte)
    }

    /// Without the return before its end, which may still be to come.
    private static func isTooLong(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count - (line.last == 0x0d ? 1 : 0) > maximumLine
    }

    private static func stripped(_ line: UnsafeRawBufferPointer) -> Range<Int> {
        guard let first = line.firstIndex(where: { !isBlank($0) }),
            let last = line.lastIndex(where: { !isBlank($0) })
        else { return 0..<0 }
        return first..<last + 1
    }

    mutating func injected() {
        if case .leaving = phase { phase = .stays }
    }

    // MARK: Replies

    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep {
        guard !bytes.isEmpty else { return .incomplete }
        guard kind != nil || !isGreeted else {
            return .tunnel(reason: "a line came that nobody asked for")
        }
        if kind == Kind.leave.rawValue { return .untilEnd }
        var used = 0
        while used < bytes.count {
            if isAtStart {
                let rest = bytes.from(used)
                let prompt = UnsafeRawBufferPointer(
                    start: Self.prompt.utf8Start, count: Self.prompt.utf8CodeUnitCount)
                let count = min(rest.count, prompt.count)
                if rest.part(0..<count).elementsEqual(prompt.part(0..<count)) {
                    guard count == prompt.count else { break }
                    return end(used + count, to: kind)
                }
            }
            let end = bytes.from(used).firstIndex(of: 0x0a)
            isAtStart = end != nil
            used = end.map { used + $0 + 1 } ?? bytes.count
        }
        return used > 0 ? .bytes(count: used, isComplete: false, status: nil) : .incomplete
    }

    /// The first prompt is the server's greeting: a client that has not waited for it is not
    /// answered with it.
    private mutating func end(_ count: Int, to kind: UInt8?) -> ResponseStep {
        let isGreeting = !isGreeted
        isGreeted = true
        return .bytes(count: count, isComplete: !isGreeting || kind == nil, status: nil)
    }

    func isAnsweredByEnd(_ kind: UInt8) -> Bool { kind == Kind.leave.rawValue }

    mutating func restartReplies() { (isGreeted, isAtStart) = (false, true) }
}
