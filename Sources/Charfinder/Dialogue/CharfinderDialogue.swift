/// One client of the TCP server: what it says, and what it is told. Pure: whoever has the
/// connection asks for the next piece when the client has taken the one before.
public struct CharfinderDialogue {
    public enum Step: Equatable {
        /// To be sent; some kilobytes.
        case bytes([UInt8])
        /// Not before the index is complete.
        case waits
        /// Not before the client says more.
        case listens
        /// The session is over.
        case ends
    }

    /// What the client reads before it writes.
    public static let prompt = "?> "
    /// Longest query, in bytes, without the end of its line.
    public static let maximumLine = 4096
    /// Most bytes that wait for their turn, beyond one reading.
    private static let highMark = 64 << 10
    static let tooLong = "a query has \(maximumLine) bytes at most\r\n"

    private let edition: CharfinderEdition
    private let index: CharacterIndex
    private var lines = QueryLines(maximum: maximumLine)
    private var answer: RowWriter?
    /// What has not been answered yet, because there is no index.
    private var query: String?
    private var isGreeted = false
    private var isOver = false

    public init(_ edition: CharfinderEdition, _ index: CharacterIndex) {
        (self.edition, self.index) = (edition, index)
    }

    /// Whether the client is to be read.
    public var hasRoom: Bool { lines.count < Self.highMark }

    /// The client has said this.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        if !isOver { lines.append(bytes) }
    }

    /// The client will say no more: what it has said last counts as a line.
    public mutating func receiveEnd() { lines.end() }

    /// What comes next.
    public mutating func next() -> Step {
        guard isGreeted else {
            isGreeted = true
            return .bytes(Array(Self.prompt.utf8))
        }
        if let piece = answer?.next(), !piece.isEmpty { return .bytes(piece) }
        answer = nil
        if let query { return reply(to: query) }
        return isOver ? .ends : hear()
    }

    private mutating func hear() -> Step {
        switch lines.next() {
        case .none: return .listens
        case .tooLong: return .bytes(Array(Self.tooLong.utf8))
        case .skipped: return .bytes(Array(Self.prompt.utf8))
        case .end:
            isOver = true
            return .ends
        case .line(let text):
            let query = Self.stripped(text)
            return query.isEmpty ? .bytes(Array(Self.prompt.utf8)) : reply(to: query)
        }
    }

    /// Without the blanks at its start and its end that have one byte.
    private static func stripped(_ text: String) -> String {
        let inner = text.utf8.drop(while: \.isBlank)
        let end = inner.lastIndex { !$0.isBlank }
        return end.map { String(Substring(inner[...$0])) } ?? ""
    }

    private mutating func reply(to query: String) -> Step {
        self.query = index.isComplete ? nil : query
        guard index.isComplete else { return .waits }
        let found = index.matches(query)
        let status = "\(edition.status(found.count, query))\r\n\(Self.prompt)"
        var answer = RowWriter(
            .line, found.cursor(0..<found.count), behind: Array(status.utf8))
        let piece = answer.next()
        self.answer = answer
        return .bytes(piece)
    }
}
