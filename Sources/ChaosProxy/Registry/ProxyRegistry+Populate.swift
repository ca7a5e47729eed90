// Many proxies at once: a configuration, or Toxiproxy's `/populate`.

extension ProxyRegistry {
    /// Adds proxies and replaces those that differ, one after the other. One that is there
    /// already, with the same address and upstream, is left alone, but gets the toxics if any are
    /// given.
    ///
    /// - Returns: those that are as asked; the error that ended it.
    public func populate(
        _ specifications: [ProxySpecification], origin: RegisteredProxy.Origin = .interface
    ) -> (done: [RegisteredProxy], error: ProxyError?) {
        let specifications = specifications.map(completed)
        var done: [RegisteredProxy] = []
        do throws(ProxyError) {
            try check(specifications)
            for specification in specifications {
                done.append(try put(specification, origin))
            }
            return (done, nil)
        } catch {
            return (done, error)
        }
    }

    /// With what is not given as it is where there is such a proxy already.
    private func completed(_ specification: ProxySpecification) -> ProxySpecification {
        guard let found = self[specification.name] else { return specification }
        var specification = specification
        specification.protocol = specification.protocol ?? found.proxy.protocol
        if found.isSite, specification.listen.isEmpty { specification.listen = found.listenText }
        return specification
    }

    private func check(_ specifications: [ProxySpecification]) throws(ProxyError) {
        for (index, specification) in specifications.enumerated() {
            do throws(ProxyError) {
                try check(specification)
            } catch {
                throw ProxyError.atProxy(index + 1, error)
            }
        }
        try checkCount(Set(proxies.map(\.name) + specifications.map(\.name)).count)
        var chain = self.chain
        for specification in specifications {
            guard let found = self[specification.name], found.isSite else {
                try check(specification, in: &chain)
                continue
            }
            _ = try checked(Self.changes(specification), of: found)
            try ProxySpecification.check(specification.toxics, on: found.proxy.protocol)
        }
    }

    private func put(
        _ specification: ProxySpecification, _ origin: RegisteredProxy.Origin
    ) throws(ProxyError) -> RegisteredProxy {
        guard let found = self[specification.name] else {
            return try insert(specification, origin)
        }
        let isSame = try isSame(specification, found)
        if isSame || found.isSite {
            if !isSame { try update(found.name, Self.changes(specification)) }
            if !specification.toxics.isEmpty || !isSame {
                try set(toxics: specification.toxics, of: found)
            }
            // Written back as it is shown it keeps the settings of its behaviours.
            if let mix = specification.mix, mix != found.proxy.mix,
                "\(mix)" != found.proxy.mix?.description || !mix.options.isEmpty
            {
                found.proxy.set(mix: mix)
            }
            if specification.limits != RequestLimits() {
                found.proxy.set(limits: specification.limits)
            }
            return found
        }
        return try replace(found, with: registered(specification, origin), specification.isEnabled)
    }

    /// - Throws: `ProxyError.bind` or `.listen`; the old one is then left disabled.
    private func replace(
        _ found: RegisteredProxy, with new: RegisteredProxy, _ isEnabled: Bool
    ) throws(ProxyError) -> RegisteredProxy {
        found.stop()
        if isEnabled { try new.start(on: loop) }
        if let index = proxies.firstIndex(where: { $0 === found }) { proxies[index] = new }
        leave(found)
        return new
    }

    private static func changes(_ specification: ProxySpecification) -> ProxyChanges {
        ProxyChanges(
            listen: specification.listen, upstream: specification.upstream,
            isEnabled: specification.isEnabled, protocol: specification.protocol)
    }

    private func isSame(
        _ specification: ProxySpecification, _ found: RegisteredProxy
    ) throws(ProxyError) -> Bool {
        if specification.listen != found.listenText {
            let listen = try ListenAddress(specification.listen, emptyHost: emptyHost)
            guard "\(listen)" == found.listenText else { return false }
        }
        return specification.upstream == found.upstreamText
            && (specification.protocol ?? found.proxy.protocol) == found.proxy.protocol
    }
}
