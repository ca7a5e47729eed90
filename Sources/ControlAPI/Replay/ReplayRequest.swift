import ChaosProxy
import EventLoop
import HTTPWire
import Records

/// What a record says was asked, to be asked again: method and target, no more. Fields and content
/// of a request are in no record.
struct ReplayRequest {
    /// What the record of the new attempt is called.
    private static let label = "replay"

    let proxy: String
    let method: String
    let target: String
    /// Where the proxy listens, as it is reached from here.
    let addresses: [SocketAddress]

    /// - Throws: `APIError` if it cannot be asked again, with the reason and what to do.
    init(_ record: ExchangeRecord, _ registry: ProxyRegistry) throws(APIError) {
        let number = "record \(record.sequence)"
        (proxy, method, target) = (record.proxy, record.method, record.target)
        guard let found = registry[record.proxy] else {
            throw APIError(
                409, "\(number) is of proxy '\(record.proxy)', which is no more: make it again")
        }
        guard found.proxy.protocol == .http else {
            throw APIError(
                409,
                "\(number) is of proxy '\(record.proxy)' with protocol \(found.proxy.protocol): "
                    + "only requests over http can be asked again")
        }
        guard found.isEnabled else {
            throw APIError(
                409,
                "proxy '\(record.proxy)' is disabled: enable it with PATCH /proxies/<name> and "
                    + "{\"enabled\":true}, then try again")
        }
        addresses = found.proxy.addresses.map(Self.reachable)
        try Self.check(record, number)
    }

    private static func check(_ record: ExchangeRecord, _ number: String) throws(APIError) {
        guard !record.isConnection else {
            throw APIError(409, "\(number) is of a connection, not of a request: choose another")
        }
        guard !record.isMalformed, !record.method.isEmpty, !record.target.isEmpty else {
            throw APIError(
                409,
                "\(number) is of a request that was not understood, or did not come whole: its "
                    + "bytes are not kept, so it cannot be asked again")
        }
        guard record.method == "GET" || record.method == "HEAD" else {
            throw APIError(
                409,
                "\(number) is of a \(record.method): only GET and HEAD are asked again, because "
                    + "the content of a request is not kept, and others may change something")
        }
        guard record.target.utf8.count <= ExchangeRecord.maximumText else {
            throw APIError(
                409,
                "the target of \(number) was cut behind \(ExchangeRecord.maximumText) bytes, so "
                    + "it cannot be asked again as it was")
        }
        // What could end the request line, or was not text.
        guard record.target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw APIError(
                409, "the target of \(number) is not kept as it was sent: it is not plain ASCII")
        }
    }

    /// A listener on all interfaces is reached on the loopback of its family.
    private static func reachable(_ address: SocketAddress) -> SocketAddress {
        guard address.isAny else { return address }
        let host = address.family == .ipv4 ? "127.0.0.1" : "::1"
        return SocketAddress(host: host, port: address.port) ?? address
    }

    /// As the URLs of our servers have it: `localhost:8001`.
    private var authority: String {
        guard let address = addresses.first else { return "localhost" }
        return address.isLoopback ? "localhost:\(address.port)" : "\(address)"
    }

    /// What is sent.
    var message: [UInt8] {
        let lines = [
            "\(method) \(target) HTTP/1.1", "Host: \(authority)", "User-Agent: flagserver-replay",
            "X-Flagserver-Label: \(Self.label)", "Connection: close", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
