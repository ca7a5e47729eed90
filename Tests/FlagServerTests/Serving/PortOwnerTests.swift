import Glibc
import Testing

@testable import flagserver

struct PortOwnerTests {
    /// A socket on a free port of a loopback, closed with the last reference.
    private final class Socket {
        let descriptor: Int32
        let port: UInt16

        init(_ family: Int32, isListening: Bool) throws {
            descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            storage.ss_family = sa_family_t(family)
            withUnsafeMutableBytes(of: &storage) { bytes in
                if family == AF_INET {
                    bytes.copyBytes(from: [2, 0, 0, 0, 127, 0, 0, 1])
                } else {
                    bytes[23] = 1
                }
            }
            let descriptor = descriptor
            let isBound = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0
                        && (!isListening || listen(descriptor, 1) == 0)
                        && getsockname(descriptor, $0, &length) == 0
                }
            }
            // The port stands at the same place in both families.
            port = withUnsafeBytes(of: storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
            try #require(isBound)
        }

        deinit { close(descriptor) }
    }

    private var me: String {
        var name = [UInt8](repeating: 0, count: 256)
        let file = open("/proc/self/comm", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let count = max(read(file, &name, name.count), 1)
        return "pid \(getpid()), \(String(decoding: name[..<(count - 1)], as: UTF8.self))"
    }

    @Test func `who listens on IPv4 is found`() throws {
        let socket = try Socket(AF_INET, isListening: true)
        #expect(PortOwner.description(of: socket.port) == me)
    }

    @Test(.enabled(if: access("/proc/net/if_inet6", F_OK) == 0))
    func `who listens on IPv6 is found`() throws {
        let socket = try Socket(AF_INET6, isListening: true)
        #expect(PortOwner.description(of: socket.port) == me)
    }

    @Test func `a port that is bound without listening has no owner to be read`() throws {
        let socket = try Socket(AF_INET, isListening: false)
        #expect(PortOwner.description(of: socket.port) == nil)
    }

    @Test func `port 0 belongs to nobody`() {
        #expect(PortOwner.description(of: 0) == nil)
    }
}
