import ChaosProxy

extension Proxy {
    /// The port of all its listeners.
    var port: UInt16 { addresses.first?.port ?? 0 }

    /// `localhost:8001` if both loopbacks (or all interfaces) are bound, else the literal address.
    var authority: String {
        guard let address = addresses.first else { return "-" }
        return addresses.count > 1 ? "localhost:\(address.port)" : "\(address)"
    }
}
