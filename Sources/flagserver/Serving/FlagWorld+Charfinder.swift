import ChaosProxy
import EventLoop

extension FlagWorld {
    /// Lets one of charfinder's servers listen, if it is on.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    func open(_ server: CharfinderServer) throws {
        guard let charfinder, let port = settings.charfinder?[server],
            let own = settings.charfinderProxies[server],
            let upstream = try charfinder.upstream(of: server)
        else { return }
        let proxy = Proxy(
            name: server.rawValue, protocol: server.protocol, upstream: upstream,
            toxics: own.toxics, mix: own.mix, environment: world.environment,
            limits: settings.timeLimits, errors: settings.respond,
            extraFields: Self.extraFields(settings.options), requestLimits: own.limits)
        do throws(ProxyError) {
            try ports.bind(port) { port throws(ProxyError) in
                _ = try registry.add(
                    builtIn: proxy, listen: settings.bind.listen(port: port),
                    upstream: upstream.isSite ? CharfinderService.siteText : nil)
            }
        } catch {
            throw CommandLineError(error, of: server.rawValue) { port in
                let other = port < 65_000 ? port + 1000 : port - 1000
                return "Use --charfinder 0 for free ports, or --charfinder "
                    + "\(server.word)=\(other)."
            }
        }
    }
}
