extension ProtocolTraits {
    static let memcache = ProtocolTraits(
        framing: { MemcacheFraming() }, errorReply: { ErrorReply("SERVER_ERROR \($0)\r\n") })
}

/// memcached's text protocol, with the meta commands; the binary one is passed through.
struct MemcacheFraming: MessageFraming {
    /// Longest line, in bytes: a `get` may ask for many keys.
    static let maximumLine = 65_536

    private var requestLine = LineScanner()
    private var requestData: TerminatedData?
    private var replyLine = LineScanner()
    private var replyData: TerminatedData?
    /// Whether the reply goes on after the data.
    private var goesOn = false

    // MARK: Requests

    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        guard let first = bytes.first else { return .incomplete }
        if requestData != nil { return continueRequest(bytes) }
        if first == 0x80 { return .tunnel(reason: "memcached's binary protocol") }
        guard let (line, next) = requestLine.line(in: bytes) else {
            guard bytes.count <= Self.maximumLine else { return .tunnel(reason: Self.lineTooLong) }
            return .incomplete
        }
        guard line.count <= Self.maximumLine else { return .tunnel(reason: Self.lineTooLong) }
        guard let command = MemcacheCommand(bytes.part(line)) else {
            return .tunnel(reason: "a memcached command whose replies cannot be counted")
        }
        requestLine = LineScanner()
        let target = command.words[0].lowerBound..<min(line.count, RequestHead.maximumTarget)
        let head = RequestHead(
            method: command.words[0].clamped(to: target), target: target,
            isAnswered: command.isAnswered, kind: command.kind.rawValue)
        requestData = command.dataBytes.map { TerminatedData(count: $0) }
        let more = requestData?.consume(bytes.from(next)) ?? 0
        return .begins(head, count: next + more, isComplete: endRequest())
    }

    private static let lineTooLong = "a memcached command line longer than \(maximumLine) bytes"
    private static let noDataEnd = "memcached data without its line end"

    private mutating func continueRequest(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        guard let count = requestData?.consume(bytes), count > 0 else {
            return .tunnel(reason: Self.noDataEnd)
        }
        return .continues(count: count, isComplete: endRequest())
    }

    private mutating func endRequest() -> Bool {
        let isComplete = requestData?.isComplete ?? true
        if isComplete { requestData = nil }
        return isComplete
    }

    // MARK: Replies

    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep {
        guard !bytes.isEmpty else { return .incomplete }
        if replyData != nil { return continueReply(bytes) }
        guard let kind = kind.flatMap(MemcacheReplyKind.init) else {
            return .tunnel(reason: "a memcached reply came that nobody asked for")
        }
        guard let (line, next) = replyLine.line(in: bytes) else {
            guard bytes.count <= Self.maximumLine else { return .tunnel(reason: Self.replyTooLong) }
            return .incomplete
        }
        replyLine = LineScanner()
        let text = bytes.part(line)
        switch kind {
        case .line: return .bytes(count: next, isComplete: true, status: nil)
        case .list: return .bytes(count: next, isComplete: Self.endsList(text), status: nil)
        case .values where text.starts(with: "VALUE ".utf8):
            return beginData(text, size: 3, goesOn: true, next, bytes)
        case .meta where text.starts(with: "VA ".utf8):
            return beginData(text, size: 1, goesOn: false, next, bytes)
        case .values where !Self.endsList(text):
            return .tunnel(reason: "a memcached reply that is no item and no end")
        case .values, .meta: return .bytes(count: next, isComplete: true, status: nil)
        }
    }

    private static let replyTooLong = "a memcached reply line longer than \(maximumLine) bytes"

    private mutating func beginData(
        _ line: UnsafeRawBufferPointer, size index: Int, goesOn: Bool, _ next: Int,
        _ bytes: UnsafeRawBufferPointer
    ) -> ResponseStep {
        let words = line.words()
        guard words.count > index,
            let size = line.part(words[index]).decimal(atMost: MemcacheCommand.maximumItem)
        else { return .tunnel(reason: "a memcached reply without the size of its data") }
        var data = TerminatedData(count: size)
        let more = data.consume(bytes.from(next))
        (replyData, self.goesOn) = (data, goesOn)
        return .bytes(count: next + more, isComplete: endReplyData(), status: nil)
    }

    private mutating func continueReply(_ bytes: UnsafeRawBufferPointer) -> ResponseStep {
        guard let count = replyData?.consume(bytes), count > 0 else {
            return .tunnel(reason: Self.noDataEnd)
        }
        return .bytes(count: count, isComplete: endReplyData(), status: nil)
    }

    /// - Returns: whether the reply is complete with its data.
    private mutating func endReplyData() -> Bool {
        guard replyData?.isComplete == true else { return false }
        replyData = nil
        return !goesOn
    }

    private static func endsList(_ line: UnsafeRawBufferPointer) -> Bool {
        let ends = ["END", "OK", "RESET", "ERROR"]
        return ends.contains { line.elementsEqual($0.utf8) }
            || line.starts(with: "CLIENT_ERROR".utf8) || line.starts(with: "SERVER_ERROR".utf8)
    }
}
