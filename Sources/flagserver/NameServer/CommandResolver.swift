import ChaosProxy
import EventLoop
import Glibc

/// Leads the names that a command asks for to our name server, whatever it asks with: by a
/// resolver file that is in the place of /etc/resolv.conf for it and its children alone.
struct CommandResolver {
    /// Who asks through a resolver file asks on this port.
    private static let port: UInt16 = 53
    /// Loopback addresses that are tried, `127.0.53.1` first: another run may have the first ones.
    private static let hosts = (1...254).map { "127.0.53.\($0)" }

    /// With its final zero byte; nil: the command keeps the one that there is.
    private(set) var file: [CChar]?

    /// - Parameter tell: gets why it is not to be had, in a sentence.
    init(_ proxy: RegisteredProxy, _ registry: ProxyRegistry, tell: (String) -> Void) {
        do throws(Problem) {
            file = try Self.file(proxy, registry)
        } catch {
            tell(
                "the command asks whom it always asks for names (\(error.reason)); where ours is "
                    + "stands in FLAGS_DNS_ADDRESS")
        }
    }

    private struct Problem: Error {
        let reason: String
    }

    private static func file(
        _ proxy: RegisteredProxy, _ registry: ProxyRegistry
    ) throws(Problem) -> [CChar] {
        let address: SocketAddress
        do throws(ProxyError) {
            address = try listen(proxy, registry)
        } catch {
            throw Problem(reason: "\(error)")
        }
        guard let file = write("nameserver \(address.host)\n") else {
            throw Problem(reason: "a file in /tmp: \(String(cString: strerror(errno)))")
        }
        guard let problem = ChildProcess.resolverProblem(file) else { return file }
        unlink(file)
        throw Problem(reason: "a mount namespace: \(problem)")
    }

    /// - Throws: the reason; where the port is another's, the next address is tried.
    private static func listen(
        _ proxy: RegisteredProxy, _ registry: ProxyRegistry
    ) throws(ProxyError) -> SocketAddress {
        var failure: ProxyError?
        for host in hosts {
            guard let address = SocketAddress(host: host, port: port) else { continue }
            do throws(ProxyError) {
                try registry.listen(proxy, alsoOn: address)
                return address
            } catch {
                guard case .bind(_, let reason) = error, reason.errno == EADDRINUSE else {
                    throw error
                }
                failure = failure ?? error
            }
        }
        throw failure ?? ProxyError.listen("no address")
    }

    /// - Returns: nil with errno.
    private static func write(_ text: String) -> [CChar]? {
        var path = Array("/tmp/flagserver-resolv.XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fchmod(descriptor, 0o644) == 0
        else {
            unlink(path)
            return nil
        }
        return path
    }

    /// The command has ended.
    func remove() {
        if let file { unlink(file) }
    }
}
