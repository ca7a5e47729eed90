public import HTTPWire

/// What travels one direction, in order.
public enum Flow {
    case bytes(Bytes)
    /// A complete response that lies ready. Only faults that leave a message whole are given it;
    /// the date is stamped as it leaves.
    case prepared(PreparedResponse)
    /// A message ends here and another may follow. Never delayed of its own.
    case boundary
    /// The sender has no more: a FIN, or the end of a response.
    case end
    /// A fault ends the connection here, behind the bytes before it.
    case cut(Cut)

    /// Whether it is the very same: the same part of the same storage, not equal bytes.
    func isSame(as other: Flow) -> Bool {
        switch (self, other) {
        case (.bytes(let bytes), .bytes(let others)): bytes.isSame(as: others)
        case (.prepared(let response), .prepared(let others)): response === others
        case (.boundary, .boundary), (.end, .end), (.cut(.fin), .cut(.fin)),
            (.cut(.rst), .cut(.rst)):
            true
        case (.bytes, _), (.prepared, _), (.boundary, _), (.end, _), (.cut, _): false
        }
    }

    /// It again, behind bytes that are lost.
    var behindLoss: Flow {
        if case .bytes(let bytes) = self { .bytes(bytes.marked(.behindLoss)) } else { self }
    }

    /// How many bytes it carries.
    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .prepared(let response): response.count
        case .boundary, .end, .cut: 0
        }
    }
}

/// How a fault ends a connection.
public enum Cut: Sendable { case fin, rst }

/// What a stage or a pipeline wants done now, in order.
public struct Actions {
    public var forwarded: [Flow] = []

    public init() {}

    public mutating func forward(_ flow: Flow) {
        forwarded.append(flow)
    }
}
