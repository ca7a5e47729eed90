import Faults

// A configuration that is read again, all or nothing.

extension ProxyRegistry {
    /// Whether a text says where a proxy can lead.
    public static func isUpstream(_ text: String) -> Bool {
        (try? backend(of: text)) != nil
    }

    /// Applies all of it, or nothing. Connections stay open unless their own proxy goes, or
    /// listens or leads elsewhere. What was made through the API is left alone, and so is what
    /// was deleted there and is as it was.
    ///
    /// - Throws: `ProxyReload.Failure`; everything is then as it was, but connections of proxies
    ///   that had to give up their port for another one may be closed.
    public func reload(_ reload: ProxyReload) throws(ProxyReload.Failure) {
        try check(reload)
        let replacements = try made(reload)
        let inPlace = reload.changed.filter { !isReplaced($0) }
        try startAll(replacements, releasing: reload)
        for name in reload.removed where isConfigured(name) { try? delete(name) }
        for replacement in replacements { put(replacement) }
        for change in inPlace { apply(change) }
        for faults in reload.builtIn { apply(faults) }
    }

    private func isConfigured(_ name: String) -> Bool { self[name]?.origin == .start }

    // MARK: Checking

    private func check(_ reload: ProxyReload) throws(ProxyReload.Failure) {
        for specification in reload.added + reload.changed.map(\.new) {
            try named(specification.name) { () throws(ProxyError) in try check(specification) }
        }
        for specification in reload.added where self[specification.name] != nil {
            throw ProxyReload.Failure(name: specification.name, error: .proxyExists)
        }
        let gone = reload.removed.filter(isConfigured).count
        try named(reload.added.last?.name ?? "") { () throws(ProxyError) in
            try checkCount(proxies.count - gone + reload.added.count)
        }
        try checkChain(reload)
        for faults in reload.builtIn {
            guard let found = builtIn(faults.name) else { continue }
            try named(faults.name) { () throws(ProxyError) in
                try check(faults.toxics, of: found.proxy)
                try ProxySpecification.check(faults.mix, on: found.proxy.protocol)
                try ProxySpecification.check(faults.limits, on: found.proxy.protocol)
            }
        }
    }

    private func checkChain(_ reload: ProxyReload) throws(ProxyReload.Failure) {
        let leaving = Set(reload.removed + reload.changed.map(\.new.name))
        var chain = ProxyChain(
            proxies.filter { !leaving.contains($0.name) }.map { found in
                ProxyChain.Link(
                    name: found.name, listeners: found.addresses,
                    upstreams: found.proxy.upstream.backend.map(Self.addresses) ?? [])
            })
        for specification in reload.changed.map(\.new) + reload.added {
            try named(specification.name) { () throws(ProxyError) in
                try check(specification, in: &chain)
            }
        }
    }

    private func named<Value>(
        _ name: String, _ body: () throws(ProxyError) -> Value
    ) throws(ProxyReload.Failure) -> Value {
        do throws(ProxyError) {
            return try body()
        } catch {
            throw ProxyReload.Failure(name: name, error: error)
        }
    }

    // MARK: Listening

    /// A proxy that is made anew, and what is there in its place.
    private struct Replacement {
        let new: RegisteredProxy
        let old: RegisteredProxy?
        let isEnabled: Bool
    }

    /// Whether it needs a listener or a session of another kind.
    private func isReplaced(_ change: ProxyReload.Change) -> Bool {
        guard let found = self[change.new.name] else { return true }
        let (old, new) = (change.old, change.new)
        return found.origin == .start
            && (old.listen != new.listen || old.protocol != new.protocol
                || old.isEnabled != new.isEnabled || found.isEnabled != new.isEnabled)
    }

    private func made(_ reload: ProxyReload) throws(ProxyReload.Failure) -> [Replacement] {
        var replacements: [Replacement] = []
        let changed = reload.changed.filter(isReplaced).map(\.new)
        for specification in changed + reload.added {
            let new = try named(specification.name) { () throws(ProxyError) in
                try registered(specification, .start)
            }
            replacements.append(
                Replacement(
                    new: new, old: self[specification.name], isEnabled: specification.isEnabled))
        }
        return replacements
    }

    /// Lets all of them listen. Those go last whose port one of ours has to give up first.
    private func startAll(
        _ replacements: [Replacement], releasing reload: ProxyReload
    ) throws(ProxyReload.Failure) {
        let leaving =
            reload.removed.filter(isConfigured).compactMap { self[$0] }
            + replacements.compactMap(\.old)
        let released = Set(leaving.filter(\.isEnabled).flatMap(\.addresses).map(\.port))
        func mustWait(_ replacement: Replacement) -> Bool {
            guard let port = try? replacement.new.address().port else { return false }
            return port != 0 && released.contains(port)
        }
        let enabled = replacements.filter(\.isEnabled)
        let waiting = enabled.filter(mustWait)
        var stopped: [RegisteredProxy] = []
        do throws(ProxyReload.Failure) {
            for replacement in enabled where !mustWait(replacement) {
                try start(replacement.new)
            }
            if !waiting.isEmpty {
                stopped = leaving.filter(\.isEnabled)
                for found in stopped { found.stop() }
            }
            for replacement in waiting { try start(replacement.new) }
        } catch {
            for replacement in replacements { replacement.new.stop() }
            for found in stopped { try? found.start(on: loop) }
            throw error
        }
    }

    private func start(_ new: RegisteredProxy) throws(ProxyReload.Failure) {
        try named(new.name) { () throws(ProxyError) in try new.start(on: loop) }
    }

    // MARK: Applying what cannot fail

    private func put(_ replacement: Replacement) {
        guard let old = replacement.old,
            let index = proxies.firstIndex(where: { $0 === old })
        else { return proxies.append(replacement.new) }
        old.stop()
        proxies[index] = replacement.new
        leave(old)
    }

    private func apply(_ change: ProxyReload.Change) {
        guard let found = self[change.new.name], found.origin == .start else { return }
        let (old, new) = (change.old, change.new)
        // They were checked with everything else.
        if old.upstream != new.upstream {
            _ = try? update(found.name, ProxyChanges(upstream: new.upstream))
        }
        try? restart(found, toxics: new.toxics, mix: new.mix, limits: new.limits)
    }

    private func apply(_ faults: ProxyReload.Faults) {
        guard let found = builtIn(faults.name) else { return }
        try? restart(found, toxics: faults.toxics, mix: faults.mix, limits: faults.limits)
    }

    /// One of the program's own, deleted ones too: they can come back.
    private func builtIn(_ name: String) -> RegisteredProxy? {
        (proxies + deleted).first { $0.name == name && $0.origin == .builtIn }
    }
}
