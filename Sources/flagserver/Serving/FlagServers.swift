import ChaosProxy
import Faults

/// What makes LOCAL, DELAY, ERROR, CHAOS and FAULT what they are: lists of toxics, before one site
/// or, for CHAOS, before LOCAL.
enum FlagServers {
    static func toxics(of server: FlagServer, _ settings: Settings) -> [Toxic] {
        let own = settings.flagServers[server]?.toxics ?? standardToxics(of: server, settings)
        return own + settings.addedToxics[server, default: []]
    }

    private static func standardToxics(
        of server: FlagServer, _ settings: Settings
    ) -> [Toxic] {
        // A mix stands in their place.
        guard mix(of: server, settings) == nil else { return [] }
        switch server {
        case .local, .fault: return []
        case .delay: return [latency(settings, .always)]
        case .error, .chaos: return errors(settings)
        }
    }

    static func mix(of server: FlagServer, _ settings: Settings) -> BehaviourMix? {
        settings.configuredMix(of: server) ?? (server == .chaos ? settings.behavior : nil)
    }

    static func limits(of server: FlagServer, _ settings: Settings) -> RequestLimits {
        let own = settings.flagServers[server]?.limits ?? RequestLimits.Changes()
        var limits = settings.limits.applying(own)
        // What all servers have says nothing of one that has no limit.
        if own.overLimit == nil, RequestLimitOptions.isWithoutLimit(limits) {
            limits.overLimit = nil
        }
        return limits
    }

    static func plan(of server: FlagServer, _ settings: Settings) -> FaultPlan {
        FaultPlan(
            toxics(of: server, settings), mix: mix(of: server, settings), proxy: server.rawValue,
            seed: settings.seed)
    }

    /// An error or none and, independently of it, a delay or none.
    private static func errors(_ settings: Settings) -> [Toxic] {
        [respond(settings), latency(settings, settings.delayRate)]
            .filter { $0.toxicity.probability.fraction > 0 }
    }

    private static func latency(_ settings: Settings, _ toxicity: Probability) -> Toxic {
        let (shortest, longest) = (settings.delay.lowerBound, settings.delay.upperBound)
        let jitter = (longest - shortest) / 2
        return Toxic(
            .latency(Latency(latency: shortest + jitter, jitter: jitter)), stream: .downstream,
            toxicity: .random(toxicity))
    }

    private static func respond(_ settings: Settings) -> Toxic {
        let toxicity: Toxic.Toxicity =
            switch settings.errorMode {
            case .random: .random(settings.errorRate)
            case .exact: .exact(settings.errorRate)
            }
        return Toxic(.respond(settings.respond), stream: .upstream, toxicity: toxicity)
    }

    private static func faultSummary(_ toxics: [Toxic], _ settings: Settings) -> String {
        let mix = mix(of: .fault, settings)
        let others = toxics.isEmpty && mix == nil ? "" : Toxic.words(toxics, mix: mix) + ", "
        return "\(others)faults named by each URL, / lists them"
    }

    /// What a server does, in a few words: `25 % → 418 / 503, 50 % → 0.5 s`.
    static func summary(of server: FlagServer, _ settings: Settings) -> String {
        let toxics = toxics(of: server, settings)
        if server == .fault { return faultSummary(toxics, settings) }
        let isStandard = server == .delay && settings.flagServers[server]?.toxics == nil
        guard isStandard, mix(of: server, settings) == nil, let own = toxics.first else {
            return Toxic.words(toxics, mix: mix(of: server, settings))
        }
        let rest = toxics.dropFirst().map { ", " + $0.wordsWithShare }.joined()
        return "\(own.words), every request\(rest)"
    }
}
