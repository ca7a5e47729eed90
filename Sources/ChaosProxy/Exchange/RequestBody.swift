import HTTPWire

/// A request body: read to its end, and kept where a site wants to see it.
struct RequestBody {
    /// Largest body that is read without being kept, in bytes; beyond it 413.
    static let maximumIgnored = 64 << 20

    /// The request's head, to be parsed again when the body is complete.
    let head: [UInt8]
    /// The decoded content, if it is kept.
    private(set) var content: [UInt8] = []
    /// Whether its request has been answered already, so that it is only to be got out of the way.
    let isAnswered: Bool
    /// Whether the client still waits for `100 Continue`.
    var expectsContinue: Bool
    private var rest: MessageBody
    private let maximum: Int
    private let isKept: Bool

    /// - Parameter maximum: how much content is kept at most, in bytes; 0: it is ignored.
    init(
        _ body: MessageBody, of request: HTTPRequest, kept maximum: Int, isAnswered: Bool = false
    ) {
        self.isAnswered = isAnswered
        isKept = maximum > 0
        self.maximum = isKept ? maximum : Self.maximumIgnored
        rest = body
        head = Array(request.head)
        expectsContinue = request.traits.contains(.expectsContinue) && !isAnswered
    }

    var isComplete: Bool { rest.isComplete }

    var isTooLarge: Bool {
        switch rest {
        case .length(let left): left > maximum - content.count
        case .chunked(let decoder): decoder.bodyBytes > maximum
        case .untilEnd: true  // which no request has
        }
    }

    /// For the answer to one that is.
    var tooLarge: String { "a request body of more than \(maximum) bytes is not read" }

    /// - Returns: how many of `bytes` belong to the body.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ChunkedCodingError) -> Int {
        guard isKept else { return try rest.consume(bytes) }
        var came: [UInt8] = []
        let count = try rest.consume(bytes) { came.append(contentsOf: $0) }
        content += came
        return count
    }
}
