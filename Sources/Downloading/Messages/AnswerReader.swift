import HTTPWire

/// Reads the answer to one GET as its bytes come, and is strict where a file's bytes depend on it.
/// Pure.
struct AnswerReader {
    /// Interim answers (1xx) before the answer.
    static let maximumInterim = 16

    /// How much content is taken, in bytes.
    let maximum: Int
    /// Whether a part was asked for: else there is no 206 and no 304.
    let asksForPart: Bool
    /// nil until the head is complete.
    private(set) var head: AnswerHead?
    private(set) var content: [UInt8] = []
    /// Of content, kept or not, in bytes.
    private(set) var contentCount = 0
    private let keepsContent: Bool
    /// Room that is made beforehand, whatever a head says, in bytes.
    private static let mostReserved = 1 << 20
    /// The beginning of a head that is not complete.
    private var beginning: [UInt8] = []
    private var body: MessageBody?
    private var interim = 0
    /// Whether anything has come.
    private(set) var hasBegun = false

    init(maximum: Int, asksForPart: Bool = false, keepsContent: Bool = true) {
        (self.maximum, self.asksForPart) = (maximum, asksForPart)
        self.keepsContent = keepsContent
    }

    /// Whether all of the answer is here.
    var isComplete: Bool { head != nil && (body?.isComplete ?? true) }

    /// Takes what belongs to the answer.
    ///
    /// - Returns: how many of `bytes` that are; fewer than all only if it is complete.
    /// - Throws: `malformed`, `coding` or `large`; the connection is of no use any more.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(DownloadFailure) -> Int {
        hasBegun = hasBegun || !bytes.isEmpty
        var used = 0
        while head == nil {
            guard let count = try takeHead(UnsafeRawBufferPointer(rebasing: bytes[used...])) else {
                return bytes.count
            }
            used += count
        }
        return used + (try takeBody(UnsafeRawBufferPointer(rebasing: bytes[used...])))
    }

    /// The connection's end has come.
    ///
    /// - Returns: what that means for the answer; nil if it is complete.
    func end(isReset: Bool) -> DownloadFailure? {
        if isComplete { return nil }
        if case .untilEnd? = body, !isReset { return nil }
        guard hasBegun else {
            return isReset
                ? DownloadFailure(.reset, "the connection was reset before the answer")
                : DownloadFailure(.closed, "the connection ended before the answer")
        }
        let end = isReset ? "was reset" : "ended"
        return DownloadFailure(
            isReset ? .reset : .truncated, status: head.map { Int($0.status) },
            "the connection \(end) \(progress)")
    }

    /// `after 512 of 6290 bytes`, for words on what stopped it.
    var progress: String {
        guard let head else { return "within the head of the answer" }
        let promised = head.length.map { " of \($0)" } ?? ""
        return "after \(contentCount)\(promised) bytes"
    }

    // MARK: Head

    /// - Returns: how many of `bytes` belong to a head; nil if it needs more.
    private mutating func takeHead(_ bytes: UnsafeRawBufferPointer) throws(DownloadFailure) -> Int?
    {
        guard !beginning.isEmpty else { return try parse(bytes, before: 0) }
        let before = beginning.count
        beginning.append(contentsOf: bytes.prefix(HTTPResponseHead.maximumHead + 1 - before))
        let whole = beginning
        return try Self.unwrapped(
            whole.withUnsafeBytes { whole in
                Result { () throws(DownloadFailure) in try parse(whole, before: before) }
            })
    }

    private static func unwrapped<Value>(
        _ result: Result<Value, DownloadFailure>
    ) throws(DownloadFailure) -> Value { try result.get() }

    /// - Parameter before: how many of `bytes` had come before.
    private mutating func parse(
        _ bytes: UnsafeRawBufferPointer, before: Int
    ) throws(DownloadFailure) -> Int? {
        let found: HTTPResponseHead?
        do throws(HTTPParseError) {
            found = try HTTPResponseHead.parse(bytes, overlooksEmptyCoding: true)
        } catch {
            throw DownloadFailure(.malformed, error.description)
        }
        guard let found else {
            if before == 0 { beginning = Array(bytes) }
            return nil
        }
        beginning = []
        guard found.status >= 200 else { return try skip(found) - before }
        let read = AnswerHead(found, UnsafeRawBufferPointer(rebasing: bytes[..<found.count]))
        if let failure = read.failure(asksForPart: asksForPart) { throw failure }
        if !found.isBodyless { body = MessageBody(found.body) }
        if let length = read.length, length > maximum { throw tooLarge }
        head = read
        return found.count - before
    }

    private mutating func skip(_ found: HTTPResponseHead) throws(DownloadFailure) -> Int {
        interim += 1
        guard found.status != 101, interim <= Self.maximumInterim else {
            throw DownloadFailure(
                .malformed,
                found.status == 101
                    ? "the server switches to a protocol that nobody asked for"
                    : "more than \(Self.maximumInterim) interim answers")
        }
        return found.count
    }

    // MARK: Content

    private mutating func takeBody(_ bytes: UnsafeRawBufferPointer) throws(DownloadFailure) -> Int {
        guard var body else { return 0 }
        if keepsContent, content.isEmpty, let length = head?.length {
            content.reserveCapacity(min(length, Self.mostReserved))
        }
        var taken = content
        content = []
        var count = 0
        defer {
            (self.body, content) = (body, taken)
            contentCount += count
        }
        let used: Int
        do throws(ChunkedCodingError) {
            used = try body.consume(bytes) {
                count += $0.count
                if keepsContent { taken.append(contentsOf: $0) }
            }
        } catch {
            // What was too much came before what is malformed.
            guard contentCount + count <= maximum else { throw tooLarge }
            throw DownloadFailure(
                .malformed, status: head.map { Int($0.status) }, error.description)
        }
        guard contentCount + count <= maximum else { throw tooLarge }
        return used
    }

    private var tooLarge: DownloadFailure {
        DownloadFailure(.large, "the answer has more than \(maximum) bytes")
    }
}
