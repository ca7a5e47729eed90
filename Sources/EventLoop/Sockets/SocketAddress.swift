import Glibc

/// An IPv4 or IPv6 address with its port, 20 bytes, comparable and printable.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Family: UInt8, Sendable { case ipv4, ipv6 }

    public let family: Family
    public let port: UInt16
    /// Network byte order; IPv4 uses the first four bytes.
    private let high: UInt64
    private let low: UInt64

    /// - Parameter host: a literal, `127.0.0.1` or `::1` (no brackets, no names).
    /// - Returns: nil if `host` is no literal address.
    public init?(host: String, port: UInt16) {
        guard !host.utf8.contains(0) else { return nil }  // where C would stop reading
        var v4 = in_addr()
        var v6 = in6_addr()
        self.port = port
        if inet_pton(AF_INET, host, &v4) == 1 {
            family = .ipv4
            high = UInt64(v4.s_addr)
            low = 0
        } else if inet_pton(AF_INET6, host, &v6) == 1 {
            family = .ipv6
            (high, low) = withUnsafeBytes(of: v6) {
                ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
            }
        } else {
            return nil
        }
    }

    init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let v4 = withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in.self) }
            family = .ipv4
            port = UInt16(bigEndian: v4.sin_port)
            (high, low) = (UInt64(v4.sin_addr.s_addr), 0)
        case AF_INET6:
            let v6 = withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in6.self) }
            family = .ipv6
            port = UInt16(bigEndian: v6.sin6_port)
            (high, low) = withUnsafeBytes(of: v6.sin6_addr) {
                ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
            }
        default:
            return nil
        }
    }

    /// The same host with another port.
    public func with(port: UInt16) -> SocketAddress {
        SocketAddress(family: family, port: port, high: high, low: low)
    }

    private init(family: Family, port: UInt16, high: UInt64, low: UInt64) {
        (self.family, self.port, self.high, self.low) = (family, port, high, low)
    }

    /// `127.0.0.1` or `::1`.
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let result = withUnsafeBytes(of: (high, low)) {
            inet_ntop(
                family == .ipv4 ? AF_INET : AF_INET6, $0.baseAddress, &text,
                socklen_t(text.count))
        }
        guard let result else { return "?" }
        return String(cString: result)
    }

    /// As it stands in a URL: `127.0.0.1` or `[::1]`.
    public var urlHost: String { family == .ipv4 ? host : "[\(host)]" }

    /// `127.0.0.1:8001` or `[::1]:8001`.
    public var description: String { "\(urlHost):\(port)" }

    /// As the calls on sockets want it. The pointer is valid only inside of `body`.
    func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch family {
        case .ipv4:
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: high)
            return withUnsafePointer(to: &v4) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .ipv6:
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &v6.sin6_addr) {
                $0.storeBytes(of: high, as: UInt64.self)
                $0.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
            }
            return withUnsafePointer(to: &v6) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    /// Asks the kernel for one end of a socket (getsockname or getpeername).
    static func ask(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        return result == 0 ? SocketAddress(storage) : nil
    }
}
