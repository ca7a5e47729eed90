import ChaosProxy
import EventLoop
import Glibc

extension CommandLineError {
    /// A proxy that cannot listen: who has the port, and what to do.
    ///
    /// - Parameter hint: options that avoid it.
    init(_ error: ProxyError, of proxy: String, hint: (UInt16) -> String) {
        guard case .bind(let address, let reason) = error else {
            self.init(.usage, "\(proxy): \(error)")
            return
        }
        let port = address.port
        let isBind = reason.call.hasPrefix("bind ")
        switch reason.errno {
        case EADDRINUSE:
            let owner = PortOwner.description(of: port).map { " (\($0))" } ?? ""
            self.init(.portInUse, "port \(port) is already in use\(owner). \(hint(port))")
        case EACCES where isBind, EPERM where isBind:
            self.init(
                .permission,
                "cannot bind port \(port): permission denied. Ports below 1024 need privileges.")
        case EADDRNOTAVAIL:
            self.init(.usage, "cannot bind \(address): this machine has no such address.")
        default:
            self.init(.failure, "cannot listen: \(reason).")
        }
    }
}
