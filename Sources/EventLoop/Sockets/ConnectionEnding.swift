/// How a connection ended.
public enum ConnectionEnding: Sendable {
    /// We closed it, with FIN.
    case fin
    /// We reset it, with RST.
    case rst
    /// The peer reset it, or the network did.
    case peerReset
}
