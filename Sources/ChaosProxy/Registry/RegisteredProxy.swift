import EventLoop
import Faults

/// A proxy with the texts that it was asked for with. Loop thread only.
public final class RegisteredProxy {
    /// The upstream of a site in this process.
    public static let siteText = "flags"
    /// The upstream of a name server.
    public static let namesText = "names"

    /// Who asked for it.
    public enum Origin: Sendable {
        /// The program, always: `reset` brings it back even if it was deleted.
        case builtIn
        /// Options or a configuration: `reset` gives it its toxics again.
        case start
        /// A call: `reset` leaves it without toxics.
        case interface
    }

    public internal(set) var proxy: Proxy
    /// The real address once it has listened; as it was asked for before that.
    public internal(set) var listenText: String
    public internal(set) var upstreamText: String
    let limits: [ConnectionLimit]
    let origin: Origin
    /// What `reset` puts it back to.
    var initialToxics: [Toxic]
    var initialMix: BehaviourMix?
    var initialLimits: RequestLimits
    let emptyHost: ListenAddress.Hosts
    /// Keeps both loopbacks apart from 127.0.0.1 alone; nil if it has never listened.
    var bound: ListenAddress?

    init(
        _ proxy: Proxy, listen: String, upstream: String, origin: Origin,
        limits: [ConnectionLimit], emptyHost: ListenAddress.Hosts
    ) {
        (self.proxy, listenText, upstreamText) = (proxy, listen, upstream)
        (self.origin, self.limits, self.emptyHost) = (origin, limits, emptyHost)
        (initialToxics, initialMix) =
            origin == .interface ? ([], nil) : (proxy.toxics, proxy.mix)
        initialLimits = origin == .interface ? RequestLimits() : proxy.requestLimits
    }

    public var name: String { proxy.name }
    public var isEnabled: Bool { proxy.isEnabled }

    /// Whether a site in this process is behind it.
    public var isSite: Bool { proxy.upstream.isSite }

    // MARK: Where it listens

    /// - Throws: `ProxyError.listen`.
    func address() throws(ProxyError) -> ListenAddress {
        if let bound { return bound }
        return try ListenAddress(listenText, emptyHost: emptyHost)
    }

    /// What it listens on, or will once it is enabled.
    var addresses: [SocketAddress] {
        if isEnabled { return proxy.addresses }
        return (try? address().listeners) ?? []
    }

    /// Whether a connection to `address` arrives there.
    func isReached(by address: SocketAddress) -> Bool {
        isEnabled ? proxy.isListening(on: address) : addresses.contains { address.reaches($0) }
    }

    /// - Throws: `ProxyError.bind` or `.listen`; it is then disabled.
    func start(on loop: EventLoop) throws(ProxyError) {
        let address: ListenAddress
        do throws(ProxyError) {
            address = try self.address()
        } catch {
            throw ProxyError.listen("listen tcp: \(error)")
        }
        let bound = try address.bind(proxy, limits: limits, loop: loop)
        (self.bound, listenText) = (bound, "\(bound)")
        proxy.environment.onListening?(proxy, true)
    }

    /// Closes the listeners and every connection.
    func stop() {
        if isEnabled { proxy.environment.onListening?(proxy, false) }
        proxy.stopListening()
        proxy.closeConnections()
    }
}
