/// How much of a message's body is still to come, in either direction.
public enum MessageBody {
    case length(Int)
    case chunked(ChunkedDecoder)
    /// All bytes until the connection ends; only responses have such bodies.
    case untilEnd

    /// - Returns: nil for no body.
    public init?(_ body: HTTPRequest.Body) {
        switch body {
        case .none: return nil
        case .length(let count): self = .length(count)
        case .chunked: self = .chunked(ChunkedDecoder())
        }
    }

    public init(_ body: HTTPResponseHead.Body) {
        switch body {
        case .length(let count): self = .length(count)
        case .chunked: self = .chunked(ChunkedDecoder())
        case .untilEnd: self = .untilEnd
        }
    }

    public var isComplete: Bool {
        switch self {
        case .length(let left): left == 0
        case .chunked(let decoder): decoder.isComplete
        case .untilEnd: false
        }
    }

    /// Takes what belongs to the body and leaves the rest.
    ///
    /// - Parameter content: gets the content without what frames it, in views into `bytes`.
    /// - Returns: how many of `bytes` belong to the body.
    /// - Throws: at a malformed chunk, and again at every later call.
    public mutating func consume(
        _ bytes: UnsafeRawBufferPointer, content: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws(ChunkedCodingError) -> Int {
        switch self {
        case .length(let left):
            let count = min(left, bytes.count)
            self = .length(left - count)
            content(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return count
        case .chunked(var decoder):
            defer { self = .chunked(decoder) }
            return try decoder.consume(bytes, body: content)
        case .untilEnd:
            content(bytes)
            return bytes.count
        }
    }
}
