import ChaosProxy
import EventLoop
import Glibc

/// Puts a proxy on its port, on both loopbacks at once: `localhost` means either of them, and many
/// clients try `::1` first.
struct Binding {
    /// Attempts to find one port that is free on both families.
    private static let attempts = 64

    let proxy: Proxy
    let limits: [ConnectionLimit]
    let loop: EventLoop

    /// - Parameter port: 0 for any that is free.
    /// - Throws: `CommandLineError` 69 if the port is taken, 77 if it may not be used.
    func bind(_ bind: Settings.Bind, port: UInt16) throws {
        switch bind {
        case .loopback: try both("127.0.0.1", "::1", port)
        case .all: try both("0.0.0.0", "::", port)
        case .address(let address):
            let address = address.with(port: port)
            if let error = listen(on: address) { throw failure(error, address) }
        }
    }

    private func both(_ ipv4: String, _ ipv6: String, _ port: UInt16) throws {
        for attempt in 1...Self.attempts {
            let first = try listen(on: ipv4, port)
            guard let second = SocketAddress(host: ipv6, port: first) else { return }
            guard let error = listen(on: second) else { return }
            switch error.errno {
            // A machine without IPv6: IPv4 alone.
            case EAFNOSUPPORT, EADDRNOTAVAIL, EPROTONOSUPPORT: return
            case EADDRINUSE where port == 0 && attempt < Self.attempts: proxy.stopListening()
            default: throw failure(error, second)
            }
        }
    }

    private func listen(on host: String, _ port: UInt16) throws -> UInt16 {
        guard let address = SocketAddress(host: host, port: port) else { return 0 }
        if let error = listen(on: address) { throw failure(error, address) }
        return proxy.addresses.last?.port ?? port
    }

    private func listen(on address: SocketAddress) -> EventLoopError? {
        do {
            try proxy.listen(on: address, limits: limits, loop: loop)
            return nil
        } catch {
            return error
        }
    }

    private func failure(_ error: EventLoopError, _ address: SocketAddress) -> CommandLineError {
        let port = address.port
        switch error.errno {
        case EADDRINUSE:
            let owner = PortOwner.description(of: port).map { " (\($0))" } ?? ""
            return CommandLineError(
                .portInUse,
                "port \(port) is already in use\(owner). Use --ports 0 for free ports, or "
                    + "--ports \(proxy.name)=\(port < 65_000 ? port + 1000 : port - 1000).")
        case EACCES, EPERM:
            return CommandLineError(
                .permission,
                "cannot bind port \(port): permission denied. Ports below 1024 need privileges.")
        case EADDRNOTAVAIL:
            return CommandLineError(
                .usage, "cannot bind \(address): this machine has no such address.")
        default:
            return CommandLineError(.failure, "cannot listen: \(error)")
        }
    }
}

extension Proxy {
    /// The port of all its listeners.
    var port: UInt16 { addresses.first?.port ?? 0 }

    /// `localhost:8001` if both loopbacks (or all interfaces) are bound, else the literal address.
    var authority: String {
        guard let address = addresses.first else { return "-" }
        return addresses.count > 1 ? "localhost:\(address.port)" : "\(address)"
    }
}
