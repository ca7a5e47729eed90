import Faults

/// What makes LOCAL, DELAY, ERROR and CHAOS what they are: lists of toxics, before one site or,
/// for CHAOS, before LOCAL.
enum FlagServers {
    static func toxics(of server: FlagServerName, _ settings: Settings) -> [Toxic] {
        let own: [Toxic] =
            switch server {
            case .local: []
            case .delay: [latency(settings, .always)]
            case .error: errors(settings)
            case .chaos: settings.behavior == nil ? errors(settings) : []
            }
        return own + settings.addedToxics[server, default: []]
    }

    static func mix(of server: FlagServerName, _ settings: Settings) -> BehaviourMix? {
        server == .chaos ? settings.behavior : nil
    }

    static func plan(of server: FlagServerName, _ settings: Settings) -> FaultPlan {
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
            .latency(latency: shortest + jitter, jitter: jitter), stream: .downstream,
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

    /// What a server does, in a few words: `25 % → 418 / 503, 50 % → 0.5 s`.
    static func summary(of server: FlagServerName, _ settings: Settings) -> String {
        let toxics = toxics(of: server, settings)
        guard server == .delay, let own = toxics.first else {
            return FaultSummary.text(toxics, mix: mix(of: server, settings))
        }
        let rest = toxics.dropFirst().map { ", " + FaultSummary.text($0) }.joined()
        return "\(FaultSummary.words(own)), every request\(rest)"
    }
}
