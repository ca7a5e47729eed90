import Glibc

/// How a connection ended.
public enum ConnectionEnding: Equatable, Sendable {
    /// We closed it, with FIN.
    case fin
    /// We reset it, with RST.
    case rst
    /// The peer reset it, or the network did.
    case peerReset
    /// A system call of ours failed for a reason that is not the peer's; the C error number.
    case failed(Int32)

    /// What the failure of a call on a connected socket means.
    ///
    /// - Parameter error: the C error number.
    init(errno error: Int32) {
        self = Self.peersReasons.contains(error) ? .peerReset : .failed(error)
    }

    /// send(2), recv(2), tcp(7): what the peer or the network has done.
    private static let peersReasons: [Int32] = [
        EPIPE, ECONNRESET, ECONNABORTED, ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, EHOSTDOWN,
        ENETUNREACH, ENETDOWN, ENETRESET, ENOTCONN, EPROTO,
    ]
}
