import Faults

/// Toxics in a few words, for the banner: `25 % → 418 / 503`.
enum FaultSummary {
    /// All that a proxy does; `no faults` if that is nothing.
    static func text(_ toxics: [Toxic], mix: BehaviourMix?) -> String {
        let parts = toxics.map(text) + (mix.map { ["\($0)"] } ?? [])
        return parts.isEmpty ? "no faults" : parts.joined(separator: ", ")
    }

    /// One toxic with its share and its conditions.
    static func text(_ toxic: Toxic) -> String {
        let share = OptionValues.shortest(toxic.toxicity.probability.fraction * 100)
        let conditions = conditions(toxic)
        let note = conditions.isEmpty ? "" : " (\(conditions.joined(separator: ", ")))"
        return "\(share) % → \(words(toxic))\(note)"
    }

    private static func conditions(_ toxic: Toxic) -> [String] {
        var parts: [String] = []
        if let exchanges = toxic.exchanges {
            parts.append("\(exchanges) per \(exchanges.counting.rawValue)")
        }
        guard let match = toxic.match else { return parts }
        parts += [match.method, match.path].compactMap(\.self)
        if let header = match.header {
            parts.append(header.value.map { "\(header.name): \($0)" } ?? header.name)
        }
        if let client = match.client { parts.append("from \(client)") }
        if let request = match.request { parts.append("request \(request)") }
        return parts
    }

    /// What it has done to an exchange.
    static func words(_ drawn: FaultPlan.DrawnFault) -> String {
        switch drawn.effect {
        case .latency(let delay): "delayed \(OptionValues.readable(delay))"
        case .respond: "injected"
        case .stage: words(drawn.toxic)
        }
    }

    /// What the fault does, without its share.
    static func words(_ toxic: Toxic) -> String {
        let isUpstream = toxic.stream == .upstream && toxic.fault.type != .respond
        return words(toxic.fault) + (isUpstream ? " upstream" : "")
    }

    private static func words(_ fault: Fault) -> String {
        switch fault {
        case .noop: "nothing"
        case .latency(let latency, let jitter): delay(latency, jitter)
        case .bandwidth(let rate): rate == 0 ? "stall" : "\(kilo(rate))B/s"
        case .slicer(let size, _, let pause):
            size == 0 ? "no slices" : "slices of \(size) B\(pause == 0 ? "" : every(pause))"
        case .limitData(let bytes): "cut after \(bytes) B"
        case .slowClose(let delay): "FIN \(OptionValues.readable(delay)) late"
        case .timeout(let timeout):
            timeout == 0 ? "silence" : "silence, cut after \(OptionValues.readable(timeout))"
        case .resetPeer(let timeout):
            timeout == 0 ? "RST" : "RST after \(OptionValues.readable(timeout))"
        case .packetLoss(let rate, _): "\(OptionValues.shortest(rate.fraction * 100)) % lost"
        case .corrupt(let bytes, let inject):
            "\(bytes) random bytes \(inject ? "in between" : "instead")"
        case .respond(let respond): statuses(respond)
        }
    }

    private static func delay(_ latency: Nanoseconds, _ jitter: Nanoseconds) -> String {
        let (low, high) = (latency - min(latency, jitter), latency + jitter)
        return low == high
            ? OptionValues.readable(low)
            : "\(OptionValues.readable(low)) to \(OptionValues.readable(high))"
    }

    private static func every(_ pause: Nanoseconds) -> String {
        ", \(OptionValues.readable(pause)) apart"
    }

    private static func kilo(_ rate: UInt64) -> String {
        rate < 1000
            ? "\(rate) "
            : rate < 1_000_000
                ? "\(OptionValues.shortest(Double(rate) / 1e3)) k"
                : "\(OptionValues.shortest(Double(rate) / 1e6)) M"
    }

    private static func statuses(_ respond: Fault.Respond) -> String {
        respond.statuses.filter { $0.weight > 0 }.map { "\($0.status.code)" }
            .joined(separator: " / ")
    }
}
