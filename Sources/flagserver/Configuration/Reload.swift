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

    private let options: ServeOptions
    private let settings: Settings

    /// - Parameters:
    ///   - options: that the program was started with.
    ///   - settings: that are in force.
    init(_ options: ServeOptions, _ settings: Settings) {
        (self.options, self.settings) = (options, settings)
    }

    /// Does nothing, and tells nothing, without a configuration file.
    func apply(to registry: ProxyRegistry) -> Outcome {
        guard let sources = options.sources, let path = sources.configuration?.path else {
            return Outcome(settings: settings, messages: [], isDone: true)
        }
        do {
            guard WholeFile.isRegular(path) else {
                throw CommandLineError(
                    .missingInput, "\(path) is no file: what comes from a pipe is read once.")
            }
            let options = try sources.read().options()
            let fresh = try Settings(options, kept: settings)
            let warnings = try Self.warnings(
                Self.pending(self.options, settings), Self.pending(options, Settings(options)))
            let reload = changes(to: fresh)
            do throws(ProxyReload.Failure) {
                try registry.reload(reload)
            } catch {
                throw Self.commandLineError(error)
            }
            return Outcome(
                settings: fresh,
                messages: ["reloaded \(path): \(Self.summary(reload))"] + warnings, isDone: true)
        } catch {
            return Outcome(
                settings: settings,
                messages: ["error: not reloaded, the old configuration stays: \(error)"],
                isDone: false)
        }
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
        reload.builtIn = FlagServerName.allCases.compactMap { faults(of: $0, fresh) }
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
    private func faults(of server: FlagServerName, _ fresh: Settings) -> ProxyReload.Faults? {
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

    private static func isSame(_ old: ProxySpecification, _ new: ProxySpecification) -> Bool {
        old.listen == new.listen && old.upstream == new.upstream
            && old.isEnabled == new.isEnabled && old.protocol == new.protocol
            && old.toxics == new.toxics && old.mix == new.mix && old.limits == new.limits
    }

    // MARK: What is told

    /// `2 proxies changed, 1 added`.
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
        return parts.isEmpty ? "nothing changed" : parts.joined(separator: ", ")
    }

    /// What only a new start can change, as text to be compared.
    private static func pending(
        _ options: ServeOptions, _ settings: Settings
    ) -> [(name: String, value: String)] {
        let control = settings.control
        return [
            ("ports", "\(FlagServerName.allCases.map { settings.ports[$0] })"),
            ("bind", "\(settings.bind)"),
            ("seed", options.faults.seed.map { "\($0)" } ?? "random"),
            ("control", "\(String(describing: control.port))"),
            ("control-bind", "\(control.bind)"), ("control-token", control.token ?? ""),
            ("allowed-host", control.allowedHosts.joined(separator: " ")),
            ("fixtures", options.servers.fixtures ?? ""), ("cors", "\(options.faults.cors)"),
            ("no-fault-headers", "\(options.faults.noFaultHeaders)"),
            ("ready-file", options.control.readyFile ?? ""),
            ("journal", settings.journal ?? ""), ("grace", "\(settings.grace)"),
            ("quiet", "\(options.output.quiet)"), ("verbose", "\(options.output.verbose)"),
            ("log-format", options.output.logFormat.rawValue),
            ("color", options.output.color.rawValue),
        ]
    }

    private static func warnings(
        _ running: [(name: String, value: String)], _ wanted: [(name: String, value: String)]
    ) -> [String] {
        let names = zip(running, wanted).filter { $0.value != $1.value }.map(\.0.name)
        guard let last = names.last else { return [] }
        let listed =
            names.count == 1
            ? "\(last) changes" : "\(names.dropLast().joined(separator: ", ")) and \(last) change"
        return ["warning: \(listed) at the next start"]
    }
}
