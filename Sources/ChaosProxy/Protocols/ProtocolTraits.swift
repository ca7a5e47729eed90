import Records

/// What a proxy has to know of a protocol. Each has its traits in its own file.
struct ProtocolTraits: Sendable {
    /// Makes what tells the messages of one connection apart; nil: there are only bytes, and the
    /// connection is the exchange.
    var framing: (@Sendable () -> any MessageFraming)?
    /// Whether the server sends the first bytes of a connection, and its client waits for them.
    var serverSpeaksFirst = false
    /// Makes an error of the protocol that gives a reason; nil: it has none, or its own way.
    var errorReply: (@Sendable (_ reason: String) -> ErrorReply)?
    /// Makes what reads a client's first words, behind which alone an error is understood; nil: it
    /// is understood at once.
    var opening: (@Sendable () -> any ClientOpening)?
    /// What its requests are called, where they do not begin with the name of a command.
    var method: StaticString?
    /// The bytes that stand for a request in the draw, of one that was written on one line.
    var key: @Sendable (_ request: String) -> [UInt8] = {
        Array($0.utf8.prefix(RequestHead.maximumTarget))
    }

    /// A request's target as it is told.
    var text: @Sendable (_ target: UnsafeRawBufferPointer) -> String = {
        ExchangeRecord.text($0)
    }

    /// Any bytes.
    static let tcp = ProtocolTraits()
}
