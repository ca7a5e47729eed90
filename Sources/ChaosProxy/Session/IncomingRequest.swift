import HTTPWire

/// What a session keeps of a request that has not come completely. Exists only that long.
final class IncomingRequest {
    /// Of a head, or of requests that have to wait.
    var bytes: [UInt8] = []
    /// Set while a body is being read.
    var body: RequestBody?
    private var attempts = 0
    private var parsedCount = 0

    /// Whether it is worth parsing again after `added` has come: at first always, so that nonsense
    /// is refused at once, later only with another line end or at a limit. So a head that comes
    /// byte by byte does not cost the square of its length.
    func isWorthParsing(_ added: UnsafeRawBufferPointer) -> Bool {
        attempts += 1
        let limits = [HTTPParser.maximumRequestLine + 1, HTTPParser.maximumHead]
        let crossesLimit = limits.contains { parsedCount <= $0 && bytes.count > $0 }
        guard attempts <= 16 || crossesLimit || added.contains(0x0a) else { return false }
        parsedCount = bytes.count
        return true
    }
}

/// A request body: read to its end, and kept where a site wants to see it.
struct RequestBody {
    /// Largest body that is read without being kept, in bytes; beyond it 413.
    static let maximumIgnored = 64 << 20

    /// The request's head, to be parsed again when the body is complete.
    let head: [UInt8]
    /// The decoded content, if it is kept.
    private(set) var content: [UInt8] = []
    /// Whether the client still waits for `100 Continue`.
    var expectsContinue: Bool
    private var framing: Framing
    private let maximum: Int
    private let isKept: Bool

    private enum Framing {
        case length(Int)
        case chunked(ChunkedDecoder)
    }

    /// - Parameter maximum: how much content is kept at most, in bytes; 0: it is ignored.
    /// - Returns: nil if the request has no body.
    init?(_ request: HTTPRequest, kept maximum: Int) {
        isKept = maximum > 0
        self.maximum = isKept ? maximum : Self.maximumIgnored
        head = Array(request.head)
        expectsContinue = request.traits.contains(.expectsContinue)
        switch request.body {
        case .none: return nil
        case .length(let count): framing = .length(count)
        case .chunked: framing = .chunked(ChunkedDecoder())
        }
    }

    var isComplete: Bool {
        switch framing {
        case .length(let left): left == 0
        case .chunked(let decoder): decoder.isComplete
        }
    }

    var isTooLarge: Bool {
        switch framing {
        case .length(let left): left > maximum - content.count
        case .chunked(let decoder): decoder.bodyBytes > maximum
        }
    }

    /// For the answer to one that is.
    var tooLarge: String { "a request body of more than \(maximum) bytes is not read" }

    /// - Returns: how many of `bytes` belong to the body.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ChunkedCodingError) -> Int {
        switch framing {
        case .length(let left):
            let count = min(left, bytes.count)
            framing = .length(left - count)
            if isKept { content.append(contentsOf: bytes[..<count]) }
            return count
        case .chunked(var decoder):
            var decoded: [UInt8] = []
            let isKept = isKept
            let count = try decoder.consume(bytes) { data in
                if isKept { decoded.append(contentsOf: data) }
            }
            content += decoded
            framing = .chunked(decoder)
            return count
        }
    }
}
