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
        switch error {
        case EPIPE, ECONNRESET, ECONNABORTED, ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, EHOSTDOWN,
            ENETUNREACH, ENETDOWN, ENETRESET, ENOTCONN, EPROTO:
            self = .peerReset
        default: self = .failed(error)
        }
    }
}
