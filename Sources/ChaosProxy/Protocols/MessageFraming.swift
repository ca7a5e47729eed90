/// Where the requests and the replies of one connection begin and end. Pure.
///
/// Both functions are asked again and again, without the bytes that were used, until they answer
/// `.incomplete`; with no bytes at all, too, because a request may end with the reply to it.
/// After `.tunnel` that direction is not asked any more.
protocol MessageFraming {
    /// - Parameter bytes: everything the client has sent that is not used yet. It only ever grows
    ///   at its end between two calls that use nothing.
    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep

    /// - Parameters:
    ///   - bytes: everything the backend has sent that is not used yet, as in `request`.
    ///   - kind: `RequestHead.kind` of the oldest request that the backend has been sent and that
    ///     is not answered completely; nil if there is none.
    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep

    /// The request that has just begun does not reach the backend and is answered with an error.
    /// What its client sends only after a reply of the backend will not come then.
    mutating func injected()

    /// Whether the reply that has just ended was the last of this protocol (101, STARTTLS): both
    /// directions are bytes from here on.
    var isSwitched: Bool { get }

    /// How long the content of the reply is whose head has just been read; nil if that is not
    /// announced.
    var announcedLength: Int? { get }

    /// Where content lies among the bytes that were used last of a reply; nil: everywhere.
    var content: [Range<Int>]? { get }

    /// The client has sent its FIN.
    ///
    /// - Returns: whether `request` may answer otherwise now.
    mutating func clientEnded() -> Bool

    /// Whether the end of the connection is all the reply that such a request has.
    func isAnsweredByEnd(_ kind: UInt8) -> Bool

    /// Another backend replies from now on, from the beginning of a reply.
    mutating func restartReplies()
}

extension MessageFraming {
    mutating func injected() {}
    mutating func restartReplies() {}
    mutating func clientEnded() -> Bool { false }
    func isAnsweredByEnd(_ kind: UInt8) -> Bool { false }
    var isSwitched: Bool { false }
    var announcedLength: Int? { nil }
    var content: [Range<Int>]? { nil }
}
