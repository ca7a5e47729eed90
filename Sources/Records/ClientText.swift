import EventLoop

/// Addresses of clients as text. Many records in a row have the same host, mostly a loopback
/// address, which is written once.
struct ClientText: Sendable {
    /// With port 0.
    private var host: SocketAddress?
    /// `127.0.0.1:`
    private var text: [UInt8] = []

    /// Appends `127.0.0.1:51234`.
    mutating func append(_ client: SocketAddress, to line: inout [UInt8]) {
        let host = client.with(port: 0)
        if host != self.host {
            self.host = host
            text = Array("\(client.urlHost):".utf8)
        }
        line.append(contentsOf: text)
        line.append(decimal: UInt64(client.port))
    }
}
