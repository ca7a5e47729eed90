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

/// A request body: read to its end and ignored.
struct RequestBody {
    /// Largest body that is read, in bytes; beyond it 413.
    static let maximumBytes = 64 << 20

    /// The request's head, to be parsed again when the body is complete.
    let head: [UInt8]
    /// Whether the client still waits for `100 Continue`.
    var expectsContinue: Bool
    private var framing: Framing

    private enum Framing {
        case length(Int)
        case chunked(ChunkedDecoder)
    }

    /// - Returns: nil if the request has no body.
    init?(_ request: HTTPRequest) {
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
        case .length(let left): left > Self.maximumBytes
        case .chunked(let decoder): decoder.bodyBytes > Self.maximumBytes
        }
    }

    /// - Returns: how many of `bytes` belong to the body.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ChunkedCodingError) -> Int {
        switch framing {
        case .length(let left):
            let count = min(left, bytes.count)
            framing = .length(left - count)
            return count
        case .chunked(var decoder):
            let count = try decoder.consume(bytes) { _ in }
            framing = .chunked(decoder)
            return count
        }
    }
}
