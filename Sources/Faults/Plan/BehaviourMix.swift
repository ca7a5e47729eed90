/// Vaurien's `25:error,50:delay`: at most one of them for each exchange.
public struct BehaviourMix: Equatable, Sendable, CustomStringConvertible {
    /// One behaviour with its share of the exchanges.
    public struct Part: Equatable, Sendable {
        /// 0...100.
        public let percent: Int
        public let behaviour: Behaviour
        /// What it does; the toxicity of each is the share.
        public let toxics: [Toxic]
    }

    /// Each behaviour once; the percentages add up to 100 at most.
    public let parts: [Part]
    /// Settings of its behaviours, as far as they are not Vaurien's own.
    public let options: [Behaviour: Behaviour.Options]

    /// - Parameters:
    ///   - text: `25:error,50:delay`, or one name for all exchanges.
    ///   - options: settings of each behaviour; absent: the defaults.
    ///   - errors: what `error` answers, where the protocol has errors; nil on `tcp`.
    /// - Throws: what is wrong with the mix.
    public init(
        _ text: String, options: [Behaviour: Behaviour.Options] = [:], errors: Respond?
    ) throws(FaultError) {
        var parts: [Part] = []
        let terms = text.split(separator: ",", omittingEmptySubsequences: false)
        for term in terms {
            let (percent, behaviour) = try Self.term(term.trimmed, isAlone: terms.count == 1)
            guard !parts.contains(where: { $0.behaviour == behaviour }) else {
                throw FaultError("the behavior mix names '\(behaviour.rawValue)' twice.")
            }
            let toxics = behaviour.toxics(options[behaviour] ?? .init(), errors: errors)
            parts.append(
                Part(
                    percent: percent, behaviour: behaviour,
                    toxics: toxics.map { Self.share($0, percent) }))
        }
        let sum = parts.reduce(0) { $0 + $1.percent }
        guard sum <= 100 else {
            let all = parts.map { "\($0.behaviour.rawValue) \($0.percent)" }
            throw FaultError(
                "the behavior mix adds up to \(sum) % (\(all.joined(separator: ", "))).")
        }
        self.parts = parts
        self.options = options.filter { behaviour, options in
            parts.contains { $0.behaviour == behaviour } && !behaviour.given(options).isEmpty
        }
    }

    /// `25:error`, or a name alone.
    private static func term(
        _ term: Substring, isAlone: Bool
    ) throws(FaultError) -> (percent: Int, Behaviour) {
        guard let colon = term.firstIndex(of: ":") else {
            if let behaviour = Behaviour(rawValue: String(term)), isAlone {
                return (100, behaviour)
            }
            guard isAlone, !term.isEmpty else { throw malformed(term) }
            throw unknown(term)
        }
        let name = term[term.index(after: colon)...].trimmed
        guard let percent = percent(term[..<colon].trimmed), !name.isEmpty else {
            throw malformed(term)
        }
        guard let behaviour = Behaviour(rawValue: String(name)) else { throw unknown(name) }
        guard percent <= 100 else {
            throw FaultError("'\(term)' in the behavior mix is more than 100 %.")
        }
        return (percent, behaviour)
    }

    private static func percent(_ text: Substring) -> Int? {
        (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { $0 &- 0x30 <= 9 }
            ? Int(text) : nil
    }

    private static func malformed(_ term: Substring) -> FaultError {
        FaultError(
            "'\(term)' in the behavior mix is not <percent>:<behavior>. Write 25:error,50:delay.")
    }

    private static func unknown(_ name: Substring) -> FaultError {
        let names = Behaviour.allCases.map(\.rawValue)
        return FaultError(
            "unknown behavior '\(name)'. There are \(FaultError.listed(names)).")
    }

    private static func share(_ toxic: Toxic, _ percent: Int) -> Toxic {
        Toxic(
            toxic.fault, stream: toxic.stream,
            toxicity: .random(Probability(Double(percent) / 100) ?? .never), name: toxic.name,
            exchanges: toxic.exchanges, match: toxic.match)
    }

    /// As it can be given again; one behaviour for all exchanges is just its name.
    public var description: String {
        if let first = parts.first, parts.count == 1, first.percent == 100 {
            return first.behaviour.rawValue
        }
        return parts.map { "\($0.percent):\($0.behaviour.rawValue)" }.joined(separator: ",")
    }
}
