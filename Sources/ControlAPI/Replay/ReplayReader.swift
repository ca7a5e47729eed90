import HTTPWire

/// Reads what comes back. Answers are broken on purpose here: nothing is refused, and what cannot
/// be understood is counted as content. Pure.
struct ReplayReader {
    /// Of what comes behind the head, as it is on the wire, in bytes.
    static let maximumContent = 1 << 20
    /// Of content that is shown, in bytes.
    static let maximumText = 4 << 10
    /// Interim answers (1xx) before the answer.
    static let maximumInterim = 16
    private static let beginning: StaticString = "HTTP/1."

    /// An answer to HEAD has no content.
    let isHead: Bool
    /// nil until it is complete, or until the end that comes too early.
    private(set) var head: ReplayHead?
    /// Statuses of the interim answers.
    private(set) var interim: [UInt16] = []
    /// Of content, without what frames chunks, in bytes.
    private(set) var contentCount = 0
    /// The first 4 KiB of it.
    private(set) var firstContent: [UInt8] = []
    /// What is wrong with it; nil if nothing is, or if the numbers say it.
    private(set) var problem: String?
    /// Of a head that is not complete.
    private var headBytes: [UInt8] = []
    private var lineStart = 0
    private var isHeadOver = false
    private var isMalformed = false
    /// nil if no content follows.
    private var body: MessageBody?
    /// As it is on the wire.
    private var bodyCount = 0

    init(isHead: Bool) {
        self.isHead = isHead
    }

    // MARK: What comes

    /// - Returns: how it is over; nil if more is to be read.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> ReplayEnding? {
        var position = 0
        while !isHeadOver {
            guard position < bytes.count else { return nil }
            if let ending = takeHead(bytes[position]) { return ending }
            position += 1
        }
        return takeContent(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }

    /// The connection has ended before the answer was over, or is ended by us.
    ///
    /// - Returns: what that means.
    mutating func end(_ ending: ReplayEnding) -> ReplayEnding {
        if !isHeadOver { endUnfinishedHead() }
        guard ending == .fin else { return ending }
        if isMalformed { return .malformed }
        if case .untilEnd? = body { return .complete }
        return .fin
    }

    // MARK: Head

    private mutating func takeHead(_ byte: UInt8) -> ReplayEnding? {
        headBytes.append(byte)
        let count = headBytes.count
        if count <= 7, byte != Self.beginning.utf8Start[count - 1] {
            takeAllForContent()
            return nil
        }
        guard byte == 0x0a else { return count < HTTPResponseHead.maximumHead ? nil : endless() }
        let line = headBytes[lineStart..<(count - 1)]
        lineStart = count
        return line.isEmpty || line.elementsEqual([0x0d]) ? endHead() : nil
    }

    private mutating func takeAllForContent() {
        (isHeadOver, isMalformed, body) = (true, true, .untilEnd)
        problem = "what came does not begin with HTTP/1.x: all of it is counted as content"
        let bytes = headBytes
        headBytes = []
        bodyCount = bytes.count
        bytes.withUnsafeBytes { note($0) }
    }

    private mutating func endless() -> ReplayEnding {
        endUnfinishedHead()
        problem = "the head of the answer is longer than \(HTTPResponseHead.maximumHead) bytes"
        return .malformed
    }

    private mutating func endUnfinishedHead() {
        isHeadOver = true
        guard !headBytes.isEmpty else {
            problem = interim.isEmpty ? "nothing came" : "nothing came behind the interim answers"
            return
        }
        problem = "the head of the answer is not complete"
        head = headBytes.withUnsafeBytes { ReplayHead($0, body: nil) }
    }

    /// - Returns: `malformed` if there are too many; else nil.
    private mutating func endHead() -> ReplayEnding? {
        let bytes = headBytes
        (headBytes, lineStart) = ([], 0)
        let found: HTTPResponseHead?
        do {
            found = try bytes.withUnsafeBytes {
                try HTTPResponseHead.parse($0, overlooksEmptyCoding: true)
            }
        } catch {
            (found, problem, isMalformed) = (nil, "\(error)", true)
        }
        // Nobody has asked for another protocol: an answer like others.
        if let found, found.status < 200, found.status != 101 { return noteInterim(found.status) }
        isHeadOver = true
        head = bytes.withUnsafeBytes { ReplayHead($0, body: found?.body) }
        guard let found else {
            if head?.status == nil { problem = Self.words(ofStatusLine: bytes) }
            body = .untilEnd
            return nil
        }
        body = isHead || found.isBodyless ? nil : MessageBody(found.body)
        return nil
    }

    private static func words(ofStatusLine head: [UInt8]) -> String {
        let line = head.prefix { $0 != 0x0a && $0 != 0x0d }.prefix(200)
        return "the status line cannot be understood: \(String(decoding: line, as: UTF8.self))"
    }

    private mutating func noteInterim(_ status: UInt16) -> ReplayEnding? {
        interim.append(status)
        guard interim.count > Self.maximumInterim else { return nil }
        problem = "more than \(Self.maximumInterim) interim answers"
        return .malformed
    }

    // MARK: Content

    private mutating func takeContent(_ bytes: UnsafeRawBufferPointer) -> ReplayEnding? {
        guard var body else { return complete(hasMore: !bytes.isEmpty) }
        let kept = UnsafeRawBufferPointer(
            rebasing: bytes.prefix(Self.maximumContent - bodyCount))
        let used: Int
        do throws(ChunkedCodingError) {
            used = try body.consume(kept) { note($0) }
        } catch {
            (problem, isMalformed) = ("\(error)", true)
            return .malformed
        }
        self.body = body
        bodyCount += used
        if body.isComplete { return complete(hasMore: used < bytes.count) }
        return kept.count < bytes.count ? .truncated : nil
    }

    private mutating func complete(hasMore: Bool) -> ReplayEnding {
        if hasMore { problem = "more came behind the end of the answer" }
        return .complete
    }

    private mutating func note(_ content: UnsafeRawBufferPointer) {
        contentCount += content.count
        firstContent += content.prefix(Self.maximumText - firstContent.count)
    }
}
