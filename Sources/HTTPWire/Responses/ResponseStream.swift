/// An answer whose body is made while it is sent. Whoever sends it asks for pieces as the client
/// takes them, so that it never needs more memory than one piece. Loop thread only.
open class ResponseStream {
    public enum Piece {
        /// Not empty; about 64 KiB at most.
        case bytes([UInt8])
        /// Nothing now: `onMore` tells when to ask again.
        case later
        case end
    }

    public let status: HTTPStatus
    public let fields: [HTTPField]
    /// Bytes of all pieces together; nil if that is not known before they are made.
    public let contentLength: Int?
    /// Set by whoever sends it; called when there is something after `.later`.
    public final var onMore: (() -> Void)?

    public init(_ status: HTTPStatus, fields: [HTTPField], contentLength: Int? = nil) {
        (self.status, self.fields, self.contentLength) = (status, fields, contentLength)
    }

    open func next() -> Piece { .end }
    /// Whether it never ends by itself, so that a server which stops must end it.
    open var isEndless: Bool { false }
    /// Nothing more is asked for: it is sent, or the client has gone.
    open func closed() {}
}
