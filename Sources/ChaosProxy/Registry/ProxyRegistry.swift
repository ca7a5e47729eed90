public import EventLoop
public import Faults

/// All proxies of a process by name, and every change of them, with Toxiproxy's semantics. Loop
/// thread only.
///
/// What is asked for is checked before anything changes; only a port that cannot be had can leave
/// a change half done, and then the proxy is disabled.
public final class ProxyRegistry {
    public static let maximumProxies = 1000

    /// Makes the proxy of a specification, with its toxics and its mix, not listening yet.
    public typealias Make = (ProxySpecification, Backend) -> Proxy

    /// In the order in which they came.
    public internal(set) var proxies: [RegisteredProxy] = []
    /// Where the control port listens: nothing may be forwarded there.
    public var controlAddresses: [SocketAddress] = [] {
        didSet {
            controls.remove(oldValue)
            controls.add(controlAddresses)
        }
    }
    /// Those of all registries.
    let controls: ControlAddresses
    private let texts: ScriptTexts
    /// All registries of the process, for what leads from one to another.
    public var all: () -> [ProxyRegistry] = { [] }
    /// What an empty host in a listen text stands for.
    public let emptyHost: ListenAddress.Hosts
    /// Hears why the connections of a proxy will fail that is taken as it is, as Toxiproxy takes
    /// it; nil: an upstream that leads nowhere, or must not, is refused.
    public var onUselessUpstream: ((String) -> Void)?

    let loop: EventLoop
    private let limits: [ConnectionLimit]
    private let make: Make
    /// The program's own that were deleted, and come back with `reset`.
    var deleted: [RegisteredProxy] = []
    /// All others that were.
    var departed = DepartedProxies()
    /// How often everything was reset, and how many exchanges were under way then, all together.
    public internal(set) var resets = (count: 0, underWay: 0)

    /// - Parameters:
    ///   - limits: how many connections there may be, of all proxies together.
    ///   - emptyHost: what an empty host in a listen text stands for.
    ///   - controls: with those of other registries.
    ///   - texts: with those of other registries.
    public init(
        loop: EventLoop, limits: [ConnectionLimit], emptyHost: ListenAddress.Hosts = .loopbacks,
        controls: ControlAddresses = ControlAddresses(), texts: ScriptTexts = ScriptTexts(),
        make: @escaping Make
    ) {
        (self.loop, self.limits, self.emptyHost, self.make) = (loop, limits, emptyHost, make)
        (self.controls, self.texts) = (controls, texts)
    }

    /// - Throws: `ProxyError.proxyNotFound`.
    public func find(_ name: String) throws(ProxyError) -> RegisteredProxy {
        guard let found = self[name] else { throw ProxyError.proxyNotFound }
        return found
    }

    public subscript(name: String) -> RegisteredProxy? {
        proxies.first { Self.isSame($0.name, name) }
    }

    /// Byte by byte: Swift's own comparison takes some different spellings for one.
    static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    /// Whether one of them listens where a connection to `address` arrives.
    public func isListening(on address: SocketAddress) -> Bool {
        proxies.contains { $0.proxy.isListening(on: address) }
    }

    // MARK: Making and deleting

    /// Adds a proxy that the program has made, and lets it listen.
    ///
    /// - Parameters:
    ///   - limits: how many connections it may have, beside the limits of all.
    ///   - upstream: how what is behind it is called; nil: its address, or that of flags.
    /// - Throws: `ProxyError`; it is then not added.
    @discardableResult
    public func add(
        builtIn proxy: Proxy, listen: ListenAddress, limits: [ConnectionLimit] = [],
        upstream: String? = nil
    ) throws(ProxyError) -> RegisteredProxy {
        guard self[proxy.name] == nil else { throw ProxyError.proxyExists }
        try texts.keep(proxy.toxics)
        let own = proxy.upstream.zone == nil ? RegisteredProxy.siteText : RegisteredProxy.namesText
        let upstream = upstream ?? proxy.upstream.backend?.description ?? own
        let registered = RegisteredProxy(
            proxy, listen: "\(listen)", upstream: upstream, origin: .builtIn,
            limits: self.limits + limits, emptyHost: emptyHost)
        registered.bound = listen
        try registered.start(on: loop)
        proxies.append(registered)
        return registered
    }

    /// Makes a proxy and lets it listen, unless it is to be disabled.
    ///
    /// - Throws: `ProxyError`; there is then no such proxy.
    @discardableResult
    public func create(
        _ specification: ProxySpecification, origin: RegisteredProxy.Origin = .interface
    ) throws(ProxyError) -> RegisteredProxy {
        try check(specification)
        guard self[specification.name] == nil else { throw ProxyError.proxyExists }
        try checkCount(proxies.count + 1)
        var chain = self.chain
        try check(specification, in: &chain)
        return try insert(specification, origin)
    }

    /// Adds a proxy that has been checked.
    func insert(
        _ specification: ProxySpecification, _ origin: RegisteredProxy.Origin
    ) throws(ProxyError) -> RegisteredProxy {
        let registered = try registered(specification, origin)
        if specification.isEnabled { try registered.start(on: loop) }
        proxies.append(registered)
        return registered
    }

    /// What can be checked without a look at the other proxies.
    func check(_ specification: ProxySpecification) throws(ProxyError) {
        try specification.check()
        try texts.keep(specification.toxics)
    }

    /// Checks what a proxy is to have.
    func check(_ toxics: [Toxic], of proxy: Proxy) throws(ProxyError) {
        try ProxySpecification.check(toxics, on: proxy.protocol)
        try texts.keep(toxics)
    }

    func checkCount(_ count: Int) throws(ProxyError) {
        guard count <= Self.maximumProxies else {
            throw ProxyError.invalid("there are at most \(Self.maximumProxies) proxies")
        }
    }

    func registered(
        _ specification: ProxySpecification, _ origin: RegisteredProxy.Origin
    ) throws(ProxyError) -> RegisteredProxy {
        let backend = try backend(of: specification.upstream)
        return RegisteredProxy(
            make(specification, backend), listen: specification.listen,
            upstream: specification.upstream, origin: origin, limits: limits, emptyHost: emptyHost)
    }

    /// Closes a proxy with all its connections and forgets it.
    ///
    /// - Throws: `ProxyError.proxyNotFound`.
    public func delete(_ name: String) throws(ProxyError) {
        let found = try find(name)
        found.stop()
        proxies.removeAll { $0 === found }
        leave(found)
    }

    /// It is in the list no more.
    func leave(_ found: RegisteredProxy) {
        if found.origin == .builtIn { deleted.append(found) } else { departed.add(found.proxy) }
    }

    // MARK: Changing

    /// Changes where a proxy listens and where it leads. Another address or upstream closes all
    /// its connections; an equivalent text is no change.
    ///
    /// - Throws: `ProxyError`. After `.bind` it is disabled, with the new listen text.
    @discardableResult
    public func update(
        _ name: String, _ changes: ProxyChanges
    ) throws(ProxyError) -> RegisteredProxy {
        let found = try find(name)
        let wanted = try checked(changes, of: found)
        let wasEnabled = found.isEnabled
        if let listen = wanted.listen, let text = changes.listen {
            found.stop()
            (found.bound, found.listenText) = (listen, text)
        }
        if let backend = wanted.backend, let text = changes.upstream {
            found.proxy.closeConnections()
            found.proxy.set(upstream: backend)
            found.upstreamText = text
        }
        if let `protocol` = wanted.protocol { remake(found, `protocol`) }
        if let limits = wanted.limits { found.proxy.set(limits: limits) }
        if changes.isEnabled ?? wasEnabled {
            if !found.isEnabled { try found.start(on: loop) }
        } else if found.isEnabled {
            found.stop()
        }
        return found
    }

    /// What of some changes differs from what is.
    struct Differences {
        var listen: ListenAddress?
        var backend: Backend?
        var `protocol`: ProxyProtocol?
        var limits: RequestLimits?
    }

    func checked(
        _ changes: ProxyChanges, of found: RegisteredProxy
    ) throws(ProxyError) -> Differences {
        var differences = Differences()
        for (field, text) in [("listen", changes.listen), ("upstream", changes.upstream)] {
            guard text?.utf8.count ?? 0 <= ProxySpecification.maximumText else {
                throw ProxyError.invalid(
                    "invalid \(field): longer than \(ProxySpecification.maximumText) bytes")
            }
        }
        if let text = changes.listen, text != found.listenText {
            let listen = try ListenAddress(text, emptyHost: emptyHost)
            if "\(listen)" != found.listenText { differences.listen = listen }
        } else if changes.isEnabled == true, !found.isEnabled {
            _ = try found.address()
        }
        if let text = changes.upstream, text != found.upstreamText {
            guard !found.isSite else { throw Self.isFixed("upstream", found) }
            differences.backend = try backend(of: text)
        }
        if let `protocol` = changes.protocol, `protocol` != found.proxy.protocol {
            guard !found.isSite else { throw Self.isFixed("protocol", found) }
            try ProxySpecification.check(found.proxy.toxics, on: `protocol`)
            try ProxySpecification.check(found.proxy.mix, on: `protocol`)
            differences.protocol = `protocol`
        }
        let limits = found.proxy.requestLimits.applying(changes.limits)
        try ProxySpecification.check(limits, on: changes.protocol ?? found.proxy.protocol)
        if limits != found.proxy.requestLimits { differences.limits = limits }
        try checkChain(found, differences)
        return differences
    }

    private func checkChain(
        _ found: RegisteredProxy, _ differences: Differences
    ) throws(ProxyError) {
        guard differences.listen != nil || differences.backend != nil,
            let backend = differences.backend ?? found.proxy.upstream.backend
        else { return }
        var chain = self.chain
        let listeners = differences.listen?.listeners ?? found.addresses
        let link = ProxyChain.Link(
            name: found.name, listeners: listeners, upstreams: Self.addresses(of: backend))
        try check(link, to: backend, in: &chain)
    }

    private static func isFixed(_ field: String, _ found: RegisteredProxy) -> ProxyError {
        ProxyError.invalid(
            "invalid \(field): \(found.name) serves the \(found.upstreamText) of this process "
                + "itself, and nothing else; make another proxy for that")
    }

    /// Leads later connections of a proxy elsewhere; those that are open stay.
    ///
    /// - Throws: `ProxyError`.
    public func redirect(_ name: String, to upstream: String) throws(ProxyError) {
        let found = try find(name)
        let changes = try checked(ProxyChanges(upstream: upstream), of: found)
        guard let backend = changes.backend else { return }
        found.proxy.set(upstream: backend)
        found.upstreamText = upstream
    }

    /// The same proxy with another protocol, under which nothing of its connections makes sense.
    private func remake(_ found: RegisteredProxy, _ protocol: ProxyProtocol) {
        guard let backend = found.proxy.upstream.backend else { return }
        found.stop()
        let specification = ProxySpecification(
            name: found.name, listen: found.listenText, upstream: found.upstreamText,
            protocol: `protocol`, toxics: found.proxy.toxics, mix: found.proxy.mix,
            limits: found.proxy.requestLimits)
        departed.add(found.proxy)
        found.proxy = make(specification, backend)
    }

    /// Gives a proxy other toxics, another mix and other limits, all at once, and has `reset` put
    /// it back to them.
    public func restart(
        _ found: RegisteredProxy, toxics: [Toxic], mix: BehaviourMix?, limits: RequestLimits
    ) throws(ProxyError) {
        try check(toxics, of: found.proxy)
        try ProxySpecification.check(mix, on: found.proxy.protocol)
        try ProxySpecification.check(limits, on: found.proxy.protocol)
        (found.initialToxics, found.initialMix) = (toxics, mix)
        found.initialLimits = limits
        if found.proxy.mix != mix { found.proxy.set(mix: mix) }
        found.proxy.set(toxics: toxics)
        found.proxy.set(limits: limits)
    }

    /// Gives a proxy another list of toxics, all at once.
    ///
    /// - Throws: `ProxyError`; nothing has changed then.
    public func set(toxics: [Toxic], of found: RegisteredProxy) throws(ProxyError) {
        try check(toxics, of: found.proxy)
        found.proxy.set(toxics: toxics)
    }

    /// Lets a proxy listen on one address more, until it is stopped.
    ///
    /// - Throws: `ProxyError.bind`.
    public func listen(
        _ found: RegisteredProxy, alsoOn address: SocketAddress
    ) throws(ProxyError) {
        do throws(EventLoopError) {
            try found.proxy.listen(on: address, limits: found.limits, loop: loop)
        } catch {
            throw .bind(address, error)
        }
    }

    // MARK: All of them

    /// Enables every proxy and gives each the toxics and the mix that it was started with. The
    /// program's own that were deleted are there again; counters and attempts begin anew, also
    /// if it throws. Open connections stay.
    ///
    /// - Throws: `ProxyError` for the first one that cannot listen; the others are reset.
    public func reset() throws(ProxyError) {
        let returning = deleted.filter { self[$0.name] == nil }
        deleted.removeAll { candidate in returning.contains { $0 === candidate } }
        proxies += returning
        var failure: ProxyError?
        for found in proxies {
            do throws(ProxyError) {
                if !found.isEnabled { try found.start(on: loop) }
            } catch {
                failure = failure ?? error
            }
            found.proxy.set(mix: found.initialMix)
            found.proxy.set(toxics: found.initialToxics)
            found.proxy.set(limits: found.initialLimits)
            found.proxy.restartDraws()
        }
        // Last, and all at once: what the changes have ended is of before.
        restartCounters()
        if let failure { throw failure }
    }
}
