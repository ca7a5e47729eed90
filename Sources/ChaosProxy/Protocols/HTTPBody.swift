import HTTPWire

/// How much of a body is still to come.
enum HTTPBody {
    case length(Int)
    case chunked(ChunkedDecoder)
    case untilEnd

    var isComplete: Bool {
        switch self {
        case .length(let left): left == 0
        case .chunked(let decoder): decoder.isComplete
        case .untilEnd: false
        }
    }

    /// Content that has come in chunks; nil where all bytes are content.
    var contentBytes: Int? {
        if case .chunked(let decoder) = self { decoder.bodyBytes } else { nil }
    }

    /// Takes what belongs to the body and leaves the rest.
    ///
    /// - Returns: how many of `bytes` belong to it.
    /// - Throws: at a malformed chunk, and again at every later call.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ChunkedCodingError) -> Int {
        switch self {
        case .length(let left):
            let count = min(left, bytes.count)
            self = .length(left - count)
            return count
        case .chunked(var decoder):
            defer { self = .chunked(decoder) }
            return try decoder.consume(bytes) { _ in }
        case .untilEnd:
            return bytes.count
        }
    }
}
