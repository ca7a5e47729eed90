public import HTTPWire

/// What travels one direction, in order.
public enum Flow {
    case bytes(Bytes)
    /// A complete response that lies ready. Only faults that leave a message whole are given it;
    /// the date is stamped as it leaves.
    case prepared(PreparedResponse)
    /// The sender has no more: a FIN, or the end of a response.
    case end
}

/// What a stage or a pipeline wants done now, in order.
public struct Actions {
    public var forwarded: [Flow] = []

    public init() {}

    public mutating func forward(_ flow: Flow) {
        forwarded.append(flow)
    }
}
