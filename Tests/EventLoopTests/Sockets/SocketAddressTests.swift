import Glibc
import Testing

@testable import EventLoop

struct SocketAddressTests {
    @Test func `an address is printed as it stands in a URL`() throws {
        let cases = [
            ("127.0.0.1", "127.0.0.1", "127.0.0.1:8001"), ("0.0.0.0", "0.0.0.0", "0.0.0.0:8001"),
            ("::1", "[::1]", "[::1]:8001"), ("::", "[::]", "[::]:8001"),
            ("255.255.255.255", "255.255.255.255", "255.255.255.255:8001"),
            ("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]", "[2001:db8::1]:8001"),
            ("::ffff:1.2.3.4", "[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:8001"),
        ]
        for (host, urlHost, description) in cases {
            let address = try #require(SocketAddress(host: host, port: 8001))
            #expect(address.urlHost == urlHost)
            #expect(address.description == description)
            #expect(SocketAddress(host: address.host, port: 8001) == address)
        }
    }

    @Test func `only literal addresses are addresses`() {
        let hosts = [
            "", "localhost", "127.0.0", "127.0.0.256", "1", "[::1]", "::g", "::1%lo", " 127.0.0.1",
            "127.0.0.1 ", "127.0.0.1:80", "0x7f.0.0.1", "127.0.0.01x", ":::", "1::2::3",
            String(repeating: "1", count: 10_000), "127.0.0.1\0", "::1\0x",
        ]
        for host in hosts {
            let shown = host.prefix(40).debugDescription
            #expect(SocketAddress(host: host, port: 1) == nil, "\(shown)")
        }
    }

    @Test func `addresses are equal by family, host and port`() throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 1))
        #expect(address == SocketAddress(host: "127.0.0.1", port: 1))
        #expect(address != SocketAddress(host: "127.0.0.1", port: 2))
        #expect(address != SocketAddress(host: "127.0.0.2", port: 1))
        #expect(address != SocketAddress(host: "::1", port: 1))
        #expect(SocketAddress(host: "0.0.0.0", port: 1) != SocketAddress(host: "::", port: 1))
        #expect(address.with(port: 2) == SocketAddress(host: "127.0.0.1", port: 2))
    }

    @Test func `what goes to the kernel comes back`() throws {
        for host in ["127.0.0.1", "1.2.3.4", "::1", "2001:db8::1:2"] {
            for port in [0, 1, 255, 256, 8001, 65_535] as [UInt16] {
                let address = try #require(SocketAddress(host: host, port: port))
                let copy = SocketAddress.ask { storage, length in
                    address.withSockaddr { source, size in
                        memcpy(storage, source, Int(size))
                        length.pointee = size
                        return 0
                    }
                }
                #expect(copy == address)
            }
        }
    }

    @Test func `a socket without an address has none`() {
        #expect(SocketAddress.ask { _, _ in -1 } == nil)
        #expect(SocketAddress(sockaddr_storage()) == nil)
    }
}
