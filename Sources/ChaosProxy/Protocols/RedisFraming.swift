extension ProtocolTraits {
    static let redis = ProtocolTraits(
        framing: { RedisFraming() }, errorReply: { ErrorReply("-ERR \($0)\r\n") },
        key: RedisRequestReader.key, text: RedisRequestReader.text)
}

/// Redis: commands as RESP2 arrays or inline, replies of RESP2 and RESP3.
struct RedisFraming: MessageFraming {
    private var requests = RedisRequestReader()
    private var replies = RedisReplyReader()

    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        requests.next(bytes)
    }

    /// Replies are only counted: every kind is as good as another.
    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep {
        replies.next(bytes, isAwaited: kind != nil)
    }
}
