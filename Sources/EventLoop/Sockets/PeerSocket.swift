internal import CLibevent
import Glibc

/// What the kernel knows of the socket at the other end of a connection of this machine
/// (sock_diag(7)). Loop thread only.
///
/// A FIN looks the same whether a client has closed its socket or only one direction of it. A
/// socket that no program has open any more has no inode.
final class PeerSocket {
    /// nil where the kernel has no such service, or does not let us use it.
    private let descriptor: Int32

    init() {
        descriptor = diagnosis_open()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// - Returns: nil if it is not known.
    func hasGone(_ peer: SocketAddress, from own: SocketAddress) -> Bool? {
        // Elsewhere, or in another network namespace, its socket is not to be seen from here.
        guard descriptor >= 0, peer.isLoopback, own.isLoopback else { return nil }
        let answer = peer.withSockaddr { peer, _ in
            own.withSockaddr { own, _ in diagnosis_ask(descriptor, peer, own) }
        }
        switch answer {
        case 0: return true
        case 1...: return false
        default: return nil
        }
    }
}

extension Connection {
    /// Whether a peer that has sent its FIN does not exist any more, rather than having closed one
    /// direction only; nil if that cannot be told.
    public var peerHasGone: Bool? {
        guard isOpen, let peer,
            let own = SocketAddress.ask({ getsockname(descriptor, $0, $1) })
        else { return nil }
        return loop.peerSocket.hasGone(peer, from: own)
    }
}
