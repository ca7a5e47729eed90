import Faults

/// What makes LOCAL, DELAY and ERROR what they are: three lists of toxics before one site.
enum FlagServers {
    static func toxics(of server: FlagServerName, _ settings: Settings) -> [Toxic] {
        switch server {
        case .local: []
        case .delay: [latency(settings, .always)]
        case .error:
            [respond(settings), latency(settings, settings.delayRate)]
                .filter { $0.toxicity.probability.fraction > 0 }
        }
    }

    static func plan(of server: FlagServerName, _ settings: Settings) -> FaultPlan {
        FaultPlan(toxics(of: server, settings), proxy: server.rawValue, seed: settings.seed)
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
        let parts = toxics(of: server, settings).map { toxic in
            let share = "\(OptionValues.shortest(toxic.toxicity.probability.fraction * 100)) %"
            switch toxic.fault {
            case .latency:
                let (low, high) = (settings.delay.lowerBound, settings.delay.upperBound)
                let time =
                    low == high
                    ? OptionValues.readable(low)
                    : "\(OptionValues.readable(low)) to \(OptionValues.readable(high))"
                return server == .delay ? "\(time), every request" : "\(share) → \(time)"
            case .respond(let respond):
                let codes = respond.statuses.filter { $0.weight > 0 }
                    .map { "\($0.status.code)" }.joined(separator: " / ")
                return "\(share) → \(codes)"
            }
        }
        return parts.isEmpty ? "no faults" : parts.joined(separator: ", ")
    }
}
