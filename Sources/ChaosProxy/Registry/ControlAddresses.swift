import EventLoop

/// Where the control ports of a process listen: no proxy may lead there. Loop thread only.
public final class ControlAddresses {
    /// By port: there may be hundreds.
    private var addresses: [UInt16: [SocketAddress]] = [:]

    public init() {}

    func add(_ new: [SocketAddress]) {
        for address in new { addresses[address.port, default: []].append(address) }
    }

    func remove(_ old: [SocketAddress]) {
        for address in old {
            addresses[address.port]?.removeAll { $0 == address }
            if addresses[address.port]?.isEmpty == true { addresses[address.port] = nil }
        }
    }

    /// Whether a connection to `address` would arrive at one of them.
    func contains(_ address: SocketAddress) -> Bool {
        addresses[address.port]?.contains { address.reaches($0) } ?? false
    }
}
