public import EventLoop

/// Why a proxy or its toxics cannot be as asked. Nothing was changed, unless a port could not be
/// had: then the proxy is left disabled.
public enum ProxyError: Error, CustomStringConvertible, Sendable {
    /// A proxy without `name` or `upstream`.
    case missingField(String)
    /// A value that cannot be, with the reason.
    case invalid(String)
    case proxyNotFound
    case proxyExists
    case toxicNotFound
    case toxicExists
    /// A listen text that names no address.
    case listen(String)
    /// An address that cannot be had.
    case bind(SocketAddress, EventLoopError)
    /// What is wrong with one of several proxies, counted from 1.
    indirect case atProxy(Int, ProxyError)

    /// In Toxiproxy's words where it has them.
    public var description: String {
        switch self {
        case .missingField(let name): "missing required field: \(name)"
        case .invalid(let reason): reason
        case .proxyNotFound: "proxy not found"
        case .proxyExists: "proxy already exists"
        case .toxicNotFound: "toxic not found"
        case .toxicExists: "toxic already exists"
        case .listen(let reason): reason
        case .bind(let address, let error):
            "listen tcp \(address): \(Self.call(of: error)): \(Self.reason(of: error))"
        case .atProxy(let number, let error): "\(error) at proxy \(number)"
        }
    }

    private static func call(of error: EventLoopError) -> Substring {
        error.call.prefix { $0 != " " }
    }

    /// The system's text, which begins in lower case in Go.
    private static func reason(of error: EventLoopError) -> String {
        let reason = error.description.dropFirst(error.call.count + 2)
        return reason.prefix(1).lowercased() + reason.dropFirst()
    }
}
