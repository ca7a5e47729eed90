internal import CLibevent
import Glibc

/// One question to libevent's resolver.
///
/// Owned by C: libevent holds a retained pointer from `start()` to its one call back, which comes
/// after a cancellation too.
final class Lookup {
    private let host: String
    private let servers: NameServers
    private var completion: ((Result<[SocketAddress], ResolverError.Reason>) -> Void)?
    private var request: OpaquePointer?
    private var isAnswered = false

    /// - Parameter host: a valid name.
    init(
        _ host: String, _ servers: NameServers,
        _ completion: @escaping (Result<[SocketAddress], ResolverError.Reason>) -> Void
    ) {
        self.host = host
        self.servers = servers
        self.completion = completion
    }

    func start() {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        servers.begin()
        let request = evdns_getaddrinfo(
            servers.base, host, nil, &hints,
            { code, list, context in
                guard let context else { return }
                let lookup = Unmanaged<Lookup>.fromOpaque(context).takeRetainedValue()
                lookup.answered(code, list)
            }, Unmanaged.passRetained(self).toOpaque())
        guard !isAnswered else { return }
        self.request = request
        // It would wait for a server until it times out.
        guard servers.count == 0 else { return }
        give(.failure(servers.isUnreadable ? .unreadable : .noNameServer))
    }

    func cancel() {
        completion = nil
        guard let request, !isAnswered else { return }
        self.request = nil
        evdns_getaddrinfo_cancel(request)
    }

    private func answered(_ code: Int32, _ list: UnsafeMutablePointer<addrinfo>?) {
        isAnswered = true
        let addresses = Self.addresses(list)
        if let list { evutil_freeaddrinfo(list) }
        servers.end()
        switch code {
        case 0 where !addresses.isEmpty: give(.success(addresses))
        case 0, EAI_NONAME, EVUTIL_EAI_NODATA: give(.failure(.notFound))
        default: give(.failure(.failed))
        }
        if request != nil { servers.loop.runDeferred() }
    }

    private func give(_ result: Result<[SocketAddress], ResolverError.Reason>) {
        let completion = completion
        cancel()
        completion?(result)
    }

    private static func addresses(_ list: UnsafeMutablePointer<addrinfo>?)
        -> [SocketAddress]
    {
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            var storage = sockaddr_storage()
            guard let address = info.ai_addr, info.ai_addrlen <= MemoryLayout.size(ofValue: storage)
            else { continue }
            withUnsafeMutableBytes(of: &storage) {
                $0.copyMemory(
                    from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
            }
            guard let found = SocketAddress(storage), !addresses.contains(found) else { continue }
            addresses.append(found)
        }
        return addresses
    }
}
