import HTTPWire

/// A body on its way that is made while it is sent: in chunks to a client of HTTP/1.1 (RFC 9112
/// §7.1) unless its length is known, else until the connection ends.
final class StreamedBody {
    /// Output that may wait for the client, in bytes; above it nothing more is made.
    static let highMark = 64 << 10

    private let response: ResponseStream
    private let isChunked: Bool

    init(_ response: ResponseStream, isChunked: Bool) {
        (self.response, self.isChunked) = (response, isChunked)
    }

    deinit { response.closed() }

    /// `whenMore` is called when there is something after a `.later`.
    func start(whenMore: @escaping () -> Void) {
        response.onMore = whenMore
    }

    /// The head, with what says how long the body is.
    static func fields(of response: ResponseStream, isChunked: Bool) -> [HTTPField] {
        response.fields + (isChunked ? [HTTPField("Transfer-Encoding", "chunked")] : [])
    }

    /// The next piece as it goes over the wire; nil if there is nothing now.
    func next() -> (bytes: Bytes, isLast: Bool)? {
        switch response.next() {
        case .later: return nil
        case .end: return (end, true)
        case .bytes(let piece):
            guard isChunked else { return (Bytes(piece), false) }
            return (Self.chunk(piece), false)
        }
    }

    private static func chunk(_ piece: [UInt8]) -> Bytes {
        let size = Array("\(String(piece.count, radix: 16))\r\n".utf8)
        let content = size.count..<size.count + piece.count
        let bytes = size + piece + [0x0d, 0x0a]
        return bytes.withUnsafeBytes { Bytes(ByteStorage(copying: $0, content: [content])) }
    }

    var isEndless: Bool { response.isEndless }

    /// The end that a client can tell from a broken connection.
    var end: Bytes {
        let bytes = isChunked ? Array("0\r\n\r\n".utf8) : []
        return bytes.withUnsafeBytes { Bytes(ByteStorage(copying: $0, content: [])) }
    }
}
