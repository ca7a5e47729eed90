internal import CLibevent
import Glibc

/// Sends datagrams to one peer and never waits: what cannot be sent is lost.
public final class DatagramSocket {
    private let descriptor: Int32

    /// - Returns: nil if the peer cannot be reached from here.
    public init?(to peer: SocketAddress) {
        let type = SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(peer.family == .ipv4 ? AF_INET : AF_INET6, Int32(type), 0)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        guard peer.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else { return nil }
    }

    deinit { close(descriptor) }

    public func send(_ bytes: [UInt8]) {
        // A refusal that an earlier datagram met is told here; it is used up with this call.
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }
}
