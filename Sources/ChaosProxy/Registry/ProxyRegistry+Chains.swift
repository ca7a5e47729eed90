public import EventLoop

// Whom a proxy may lead to: not to the control port, and not back to itself.

extension ProxyRegistry {
    /// Whether a connection of `proxy` to `address` would come back to it, or to the control port.
    public func leadsBack(_ address: SocketAddress, from proxy: Proxy) -> Bool {
        if isControl(address) { return true }
        guard proxies.contains(where: { $0.isReached(by: address) }) else {
            return leadsBackThroughOthers(address, from: proxy)
        }
        return chain.path(from: address, to: proxy.name) != nil
    }

    private func isControl(_ address: SocketAddress) -> Bool { controls.contains(address) }

    /// Whether it would do so by way of other registries' proxies.
    private func leadsBackThroughOthers(_ address: SocketAddress, from proxy: Proxy) -> Bool {
        let others = all()
        let isTheirs = others.contains { $0 !== self && $0.isListening(on: address) }
        guard isTheirs else { return false }
        var links: [ProxyChain.Link] = []
        for (index, registry) in others.enumerated() {
            let prefix = registry === self ? "" : "\(index)/"
            links += registry.links { prefix + $0 }
        }
        return ProxyChain(links).path(from: address, to: proxy.name) != nil
    }

    var chain: ProxyChain { ProxyChain(links { $0 }) }

    private func links(named name: (String) -> String) -> [ProxyChain.Link] {
        proxies.map { found in
            let backend = found.proxy.upstream.backend
            return ProxyChain.Link(
                name: name(found.name), listeners: found.addresses,
                upstreams: backend.map(Self.addresses) ?? [])
        }
    }

    /// Adds a proxy to the chain.
    ///
    /// - Throws: `ProxyError.invalid` if it must not lead where it does.
    func check(
        _ specification: ProxySpecification, in chain: inout ProxyChain
    ) throws(ProxyError) {
        let backend = try backend(of: specification.upstream)
        let listen = try? ListenAddress(specification.listen, emptyHost: emptyHost)
        let link = ProxyChain.Link(
            name: specification.name, listeners: listen?.listeners ?? [],
            upstreams: Self.addresses(of: backend))
        try check(link, to: backend, in: &chain)
    }

    /// The same, but what is wrong is only told where any upstream is taken: its connections fail.
    func check(
        _ link: ProxyChain.Link, to backend: Backend, in chain: inout ProxyChain
    ) throws(ProxyError) {
        guard let onUselessUpstream else { return try check(link, in: &chain) }
        do throws(ProxyError) {
            _ = try Self.backend(of: "\(backend)")
            try check(link, in: &chain)
        } catch {
            onUselessUpstream("\(link.name): connections will fail: \(error)")
        }
    }

    private func check(_ link: ProxyChain.Link, in chain: inout ProxyChain) throws(ProxyError) {
        if let control = link.upstreams.first(where: isControl) {
            throw ProxyError.invalid(
                "invalid upstream: backend \(control) is this server's own control port.")
        }
        chain.put(link)
        for address in link.upstreams {
            guard let path = chain.path(from: address, to: link.name) else { continue }
            throw ProxyError.invalid(
                "invalid upstream: \(address) leads back to the proxy itself: "
                    + ([link.name] + path).joined(separator: " -> "))
        }
    }

    /// Those of a literal address and of `localhost`; a name's are known when it is resolved.
    static func addresses(of backend: Backend) -> [SocketAddress] {
        if backend.host.lowercased() == "localhost" {
            return ListenAddress(.loopbacks, port: backend.port).addresses
        }
        return SocketAddress(host: backend.host, port: backend.port).map { [$0] } ?? []
    }

    /// As `backend(of:)` of the type, unless any text is taken.
    func backend(of text: String) throws(ProxyError) -> Backend {
        do throws(ProxyError) {
            return try Self.backend(of: text)
        } catch {
            guard onUselessUpstream != nil else { throw error }
            return Backend(unreachable: text)
        }
    }

    /// - Parameter text: `host:port`; as in Go an empty host is this one, and a port may be the
    ///   name of a service.
    /// - Throws: `ProxyError.invalid` if it is neither.
    static func backend(of text: String) throws(ProxyError) -> Backend {
        guard !text.isEmpty else { throw ProxyError.missingField("upstream") }
        if let backend = Backend(text) { return backend }
        if let (host, port, isBracketed) = try? HostAndPort.split(text),
            isBracketed == host.contains(":"),
            let number = ListenAddress.services[port.lowercased()] ?? HostAndPort.port(port)
        {
            let whole = HostAndPort(host: host.isEmpty ? "localhost" : String(host), port: number)
            if let backend = Backend("\(whole)") { return backend }
        }
        throw ProxyError.invalid(
            "invalid upstream: '\(text)' is not of the form host:port or [address]:port")
    }
}

extension ListenAddress {
    /// What will be bound, if that is known before.
    var listeners: [SocketAddress] { port == 0 ? [] : addresses }
}
