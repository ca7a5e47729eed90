import ChaosProxy
import EventLoop

/// The configuration file read again while everything runs: all of it is applied, or nothing.
struct Reload {
    /// What runs from now on, and what is to be told, a sentence each without its newline.
    struct Outcome {
        let settings: Settings
        let messages: [String]
        /// Whether the file is in force.
        let isDone: Bool
    }

    private let settings: Settings
    private let sources: OptionSources

    /// - Parameters:
    ///   - settings: that are in force.
    ///   - sources: that the program was started with.
    init(_ settings: Settings, _ sources: OptionSources) {
        (self.settings, self.sources) = (settings, sources)
    }

    /// Does nothing, and tells nothing, without a configuration file.
    func apply(to registry: ProxyRegistry) -> Outcome {
        guard let path = sources.configuration?.path else {
            return Outcome(settings: settings, messages: [], isDone: true)
        }
        do {
            guard WholeFile.isRegular(path) else {
                throw CommandLineError(
                    .missingInput, "\(path) is no file: what comes from a pipe is read once.")
            }
            let (fresh, pending) = try read()
            let reload = changes(to: fresh)
            do throws(ProxyReload.Failure) {
                try registry.reload(reload)
            } catch {
                throw Self.commandLineError(error)
            }
            return Outcome(
                settings: fresh,
                messages: Self.messages(path, Self.summary(reload), pending),
                isDone: true)
        } catch {
            return Outcome(
                settings: settings,
                messages: ["error: not reloaded, the old configuration stays: \(error)"],
                isDone: false)
        }
    }

    /// What is to be in force, and the names of the options that wait for a new start.
    private func read() throws -> (Settings, pending: [String]) {
        let sources = try sources.read()
        var options = try sources.options()
        let next = try Settings(options, sources)
        let startOnly = Settings.startOnly
        for option in startOnly { option.keep(&options, settings) }
        let pending = startOnly.filter { $0.value(next) != $0.value(settings) }.map(\.name)
        return (try Settings(options, sources, drawn: settings.seed), pending)
    }

    private static func commandLineError(_ failure: ProxyReload.Failure) -> CommandLineError {
        if case .proxyExists = failure.error {
            return CommandLineError(
                .configuration,
                "a proxy '\(failure.name)' was made through the API. Delete it there, or choose "
                    + "another name.")
        }
        return CommandLineError(failure.error, of: failure.name) { _ in "Choose another port." }
    }

    // MARK: What differs

    private func changes(to fresh: Settings) -> ProxyReload {
        var reload = ProxyReload()
        reload.builtIn =
            FlagServer.allCases.compactMap { faults(of: $0, fresh) }
            + CharfinderServer.allCases.compactMap { faults(of: $0, fresh) }
        if let old = settings.names, let new = fresh.names,
            old.toxics != new.toxics || old.limits != new.limits
        {
            reload.builtIn.append(
                ProxyReload.Faults(
                    name: NameServerSettings.proxyName, toxics: new.toxics, mix: nil,
                    limits: new.limits))
        }
        for new in fresh.proxies {
            guard let old = settings.proxies.first(where: { $0.name == new.name }) else {
                reload.added.append(new)
                continue
            }
            if !Self.isSame(old, new) {
                reload.changed.append(ProxyReload.Change(from: old, to: new))
            }
        }
        let names = Set(fresh.proxies.map(\.name))
        reload.removed = settings.proxies.map(\.name).filter { !names.contains($0) }
        return reload
    }

    /// nil if they are the same. What was changed through the API since then stays.
    private func faults(of server: FlagServer, _ fresh: Settings) -> ProxyReload.Faults? {
        let toxics = FlagServers.toxics(of: server, fresh)
        let mix = FlagServers.mix(of: server, fresh)
        let limits = FlagServers.limits(of: server, fresh)
        guard fresh.ports[server] != nil,
            toxics != FlagServers.toxics(of: server, settings)
                || mix != FlagServers.mix(of: server, settings)
                || limits != FlagServers.limits(of: server, settings)
        else { return nil }
        return ProxyReload.Faults(
            name: server.rawValue, toxics: toxics, mix: mix, limits: limits)
    }

    private func faults(
        of server: CharfinderServer, _ fresh: Settings
    ) -> ProxyReload.Faults? {
        guard fresh.charfinder?[server] != nil, let new = fresh.charfinderProxies[server],
            let old = settings.charfinderProxies[server], !Self.isSame(old, new)
        else { return nil }
        return ProxyReload.Faults(
            name: server.rawValue, toxics: new.toxics, mix: new.mix, limits: new.limits)
    }

    private static func isSame(_ old: ProxySpecification, _ new: ProxySpecification) -> Bool {
        old.listen == new.listen && old.upstream == new.upstream
            && old.isEnabled == new.isEnabled && old.protocol == new.protocol
            && old.toxics == new.toxics && old.mix == new.mix && old.limits == new.limits
    }

    // MARK: What is told

    /// Where something waits for a new start, it cannot be said that nothing has changed.
    private static func messages(_ path: String, _ summary: String, _ pending: [String])
        -> [String]
    {
        if summary.isEmpty, !pending.isEmpty { return warnings(pending) }
        let told = summary.isEmpty ? "nothing changed" : summary
        return ["reloaded \(path): \(told)"] + warnings(pending)
    }

    /// `2 proxies changed, 1 added`; empty if they are as they were.
    private static func summary(_ reload: ProxyReload) -> String {
        var parts: [String] = []
        for (count, what) in [
            (reload.builtIn.count + reload.changed.count, "changed"),
            (reload.added.count, "added"), (reload.removed.count, "removed"),
        ] where count > 0 {
            parts.append(
                parts.isEmpty
                    ? "\(Check.count(count, "proxy", "proxies")) \(what)" : "\(count) \(what)")
        }
        return parts.joined(separator: ", ")
    }

    private static func warnings(_ names: [String]) -> [String] {
        guard let last = names.last else { return [] }
        let listed =
            names.count == 1
            ? "\(last) changes" : "\(names.dropLast().joined(separator: ", ")) and \(last) change"
        return ["warning: \(listed) at the next start"]
    }
}
