// Toxics in a few words, for the banner and the log: `25 % → 418 / 503`.

extension Toxic {
    /// All that a proxy does; `no faults` if that is nothing.
    public static func words(_ toxics: [Toxic], mix: BehaviourMix?) -> String {
        let parts = toxics.map(\.wordsWithShare) + (mix.map { ["\($0)"] } ?? [])
        return parts.isEmpty ? "no faults" : parts.joined(separator: ", ")
    }

    /// What the fault does, without its share.
    public var words: String {
        fault.words + (stream == fault.type.stream ? "" : " \(stream.rawValue)")
    }

    /// With its share and its conditions.
    public var wordsWithShare: String {
        let share = Notation.shortest(toxicity.probability.fraction * 100)
        let conditions = conditions
        let note = conditions.isEmpty ? "" : " (\(conditions.joined(separator: ", ")))"
        return "\(share) % → \(words)\(note)"
    }

    private var conditions: [String] {
        var parts: [String] = []
        if let exchanges {
            parts.append("\(exchanges) per \(exchanges.counting.rawValue)")
        }
        if let ttl = window?.ttl { parts.append("for \(Notation.readable(ttl))") }
        if let schedule = window?.schedule { parts.append("\(schedule)") }
        guard let match else { return parts }
        parts += [match.method, match.path, match.header?.words].compactMap(\.self)
        if let client = match.client { parts.append("from \(client)") }
        if let request = match.request { parts.append("request \(request)") }
        return parts
    }
}

extension FaultPlan.DrawnFault {
    /// What it has done to an exchange.
    public var words: String {
        switch effect {
        case .latency(let delay): "delayed \(Notation.readable(delay))"
        case .respond: "injected"
        case .answer, .script, .stage: toxic.words
        }
    }
}
