import HTTPWire

extension ProtocolTraits {
    static let smtp = ProtocolTraits(
        framing: { SMTPFraming() }, serverSpeaksFirst: true,
        errorReply: { ErrorReply("451 4.3.0 \($0)\r\n", status: 451) })
}

/// SMTP (RFC 5321) with pipelining (RFC 2920), BDAT (RFC 3030), AUTH (RFC 4954) and STARTTLS.
struct SMTPFraming: MessageFraming {
    private enum Kind: UInt8 { case plain, data, auth, startTLS }

    private enum Phase {
        case command
        /// The reply to this decides what the client sends next.
        case awaitsReply(Kind)
        /// The reply has ended the request under way.
        case ended
        /// A message, with how much of its end has come.
        case content(matched: Int)
        case octets(left: Int)
        /// A client's answer to a challenge.
        case authLine
    }

    /// Longest line of a client, in bytes: AUTH's (RFC 4954 §4).
    static let maximumLine = 12_288
    /// Longest line of a server, in bytes; RFC 5321 §4.5.3.1.5 asks for 512.
    static let maximumReplyLine = 4096

    private var phase = Phase.command
    private var line = LineScanner()
    private var replyLine = LineScanner()
    private var isGreeted = false
    /// Whether the reply under way has been 354: the one that counts follows the message.
    private var hasGoneAhead = false
    private(set) var isSwitched = false

    private static let encrypted = "TLS has been started"

    // MARK: Requests

    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        if isSwitched { return .tunnel(reason: Self.encrypted) }
        if case .ended = phase {
            phase = .command
            return .continues(count: 0, isComplete: true)
        }
        guard let first = bytes.first else { return .incomplete }
        switch phase {
        case .awaitsReply, .ended: return .incomplete
        case .content(let matched): return content(bytes, matched)
        case .octets(let left): return octets(bytes, left)
        case .authLine, .command: break
        }
        var isCommand = false
        if case .command = phase { isCommand = true }
        guard !isCommand || UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else {
            return .tunnel(reason: "no SMTP command begins so")
        }
        guard let (text, next) = line.line(in: bytes), text.count <= Self.maximumLine else {
            guard bytes.count <= Self.maximumLine + 1 else {
                return .tunnel(reason: "an SMTP line longer than \(Self.maximumLine) bytes")
            }
            return .incomplete
        }
        line = LineScanner()
        if isCommand { return command(bytes, text, next) }
        phase = .awaitsReply(.auth)
        return .continues(count: next, isComplete: false)
    }

    private mutating func command(
        _ bytes: UnsafeRawBufferPointer, _ text: Range<Int>, _ next: Int
    ) -> RequestStep {
        let words = bytes.part(text).words()
        let name = words.first ?? 0..<0
        let word = bytes.part(name)
        var kind = Kind.plain
        var octets = 0
        if word.equalsIgnoringCase("data") {
            kind = .data
        } else if word.equalsIgnoringCase("auth") {
            kind = .auth
        } else if word.equalsIgnoringCase("starttls") {
            kind = .startTLS
        } else if word.equalsIgnoringCase("bdat"), words.count > 1 {
            octets = bytes.part(words[1]).decimal(atMost: 1 << 40) ?? 0
        }
        // What follows the mechanism is a secret, which has no place in a log.
        let end = kind == .auth && words.count > 1 ? words[1].upperBound : text.upperBound
        let target = 0..<min(end, RequestHead.maximumTarget)
        let head = RequestHead(
            method: name.clamped(to: target), target: target, kind: kind.rawValue)
        let here = min(octets, bytes.count - next)
        phase = kind == .plain ? .command : .awaitsReply(kind)
        if here < octets { phase = .octets(left: octets - here) }
        let goesOn = here < octets || kind == .data || kind == .auth
        return .begins(head, count: next + here, isComplete: !goesOn)
    }

    private mutating func octets(_ bytes: UnsafeRawBufferPointer, _ left: Int) -> RequestStep {
        let count = min(left, bytes.count)
        phase = count == left ? .command : .octets(left: left - count)
        return .continues(count: count, isComplete: count == left)
    }

    /// Only CRLF.CRLF ends a message: anything looser is how messages are smuggled.
    private mutating func content(_ bytes: UnsafeRawBufferPointer, _ matched: Int) -> RequestStep {
        let end: StaticString = "\r\n.\r\n"
        var matched = matched
        for (index, byte) in bytes.enumerated() {
            if byte == end.utf8Start[matched] {
                matched += 1
            } else {
                matched = byte == 0x0d ? 1 : 0
            }
            if matched == end.utf8CodeUnitCount {
                phase = .command
                return .continues(count: index + 1, isComplete: true)
            }
        }
        phase = .content(matched: matched)
        return .continues(count: bytes.count, isComplete: false)
    }

    mutating func injected() {
        guard case .awaitsReply(let kind) = phase else { return }
        phase = kind == .startTLS ? .command : .ended
    }

    // MARK: Replies

    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep {
        if isSwitched { return .tunnel(reason: Self.encrypted) }
        guard !bytes.isEmpty else { return .incomplete }
        guard kind != nil || !isGreeted else {
            return .tunnel(reason: "an SMTP reply came that nobody asked for")
        }
        var used = 0
        defer { if used > 0 { replyLine = LineScanner() } }
        while used < bytes.count, let (text, next) = replyLine.line(in: bytes, from: used) {
            guard text.count <= Self.maximumReplyLine, let code = Self.code(bytes.part(text)) else {
                return used > 0 ? .bytes(count: used, isComplete: false, status: nil) : noReply
            }
            used = next
            let isLast = text.count == 3 || bytes[text.lowerBound + 3] == 0x20
            if isLast { return end(code, used, to: kind.flatMap(Kind.init)) }
        }
        if used > 0 { return .bytes(count: used, isComplete: false, status: nil) }
        let mayBecomeReply = bytes.prefix(3).allSatisfy { $0 &- 0x30 <= 9 }
        guard mayBecomeReply, bytes.count <= Self.maximumReplyLine + 1 else { return noReply }
        return .incomplete
    }

    private var noReply: ResponseStep { .tunnel(reason: "no SMTP reply looks so") }

    /// The code of a reply line: three digits, then a hyphen, a blank or nothing.
    private static func code(_ line: UnsafeRawBufferPointer) -> UInt16? {
        guard line.count >= 3, let code = line.part(0..<3).decimal(atMost: 999) else { return nil }
        guard line.count == 3 || line[3] == 0x20 || line[3] == 0x2d else { return nil }
        return UInt16(code)
    }

    private mutating func end(_ code: UInt16, _ count: Int, to kind: Kind?) -> ResponseStep {
        guard isGreeted else {
            isGreeted = true
            // A client that did not wait for the greeting has not been answered with it.
            return .bytes(count: count, isComplete: kind == nil, status: kind == nil ? code : nil)
        }
        let goesOn = kind.map { resolve(code, $0) } ?? false
        return .bytes(count: count, isComplete: !goesOn, status: goesOn ? nil : code)
    }

    /// Decides what the client sends next.
    ///
    /// - Returns: whether another reply to the same request follows.
    private mutating func resolve(_ code: UInt16, _ kind: Kind) -> Bool {
        if hasGoneAhead {
            hasGoneAhead = false
            return false
        }
        guard case .awaitsReply(let awaited) = phase, awaited == kind else { return false }
        switch (kind, code) {
        case (.data, 354):
            hasGoneAhead = true
            // The line end of the command counts as the first of the message.
            phase = .content(matched: 2)
        case (.auth, 334): phase = .authLine
        case (.startTLS, 220):
            isSwitched = true
            return false
        case (.startTLS, _):
            phase = .command
            return false
        default:
            phase = .ended
            return false
        }
        return true
    }
}
