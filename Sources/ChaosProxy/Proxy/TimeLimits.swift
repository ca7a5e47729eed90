/// How long a client may take, in seconds.
public struct TimeLimits: Sendable {
    /// A connection without a request under way.
    public var idle: UInt32 = 75
    /// A head, from its first byte to its last.
    public var head: UInt32 = 20
    /// A request body, from its first byte to its last.
    public var body: UInt32 = 30
    /// A response of which the client takes nothing.
    public var stalledSend: UInt32 = 20

    public init() {}
}
