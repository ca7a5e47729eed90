import ChaosProxy
import Faults

/// What an option or an argument takes.
extension Completion {
    /// - Parameter current: of its value.
    func values(_ option: ReferenceOption, _ current: String) -> Answer {
        switch option.longest {
        case "--toxic": toxic(current)
        case "--protocol": .words(ProxyProtocol.relayed.map(\.rawValue))
        case "--behavior": Self.behavior(current)
        case "--expect": .words(expectations(current))
        default: Self.named(option.value ?? "", values: option.values)
        }
    }

    /// - Parameter number: of the argument, from 0.
    func argument(of command: CommandReference, number: Int, _ current: String) -> Answer {
        switch (command.name, number) {
        case ("toxics", 0): return .words(Self.types)
        case ("help", 0):
            return .words(program.subcommands.map(\.name) + HelpTopic.allCases.map(\.rawValue))
        case ("check", 0): return Answer(kind: .files)
        default: break
        }
        guard number < command.arguments.count else { return Answer() }
        let argument = command.arguments[number]
        guard argument.value != "proxy" else { return .words(proxies()) }
        return Self.named(argument.value ?? "", values: argument.values)
    }

    /// What a value is called says what it may be: `file|-`, `503|429|queue|close`, `port|off`.
    private static func named(_ name: String, values: [String]) -> Answer {
        let parts = name.split(separator: "|").map(String.init)
        var answer = Answer.words(
            values.isEmpty ? parts.filter { !placeholders.contains($0) } : values)
        if parts.contains("file") { answer.kind = .files }
        if parts.contains("dir") { answer.kind = .folders }
        if parts.count == 1, values.isEmpty { answer.candidates = [] }
        return answer
    }

    /// Parts of such names that stand for something else.
    private static let placeholders = [
        "file", "dir", "addr", "port", "time", "n", "url", "name", "list",
    ]

    // MARK: Faults

    /// Of `<proxy>:<type> key=value …`, piece by piece.
    private func toxic(_ current: String) -> Answer {
        guard let colon = current.firstIndex(of: ":") else {
            return .words(proxies().map { "\($0):" })
        }
        let words = current[current.index(after: colon)...].split(
            separator: " ", omittingEmptySubsequences: false)
        guard words.count > 1, let last = words.last else {
            return .words(Self.types, before: "\(current[...colon])")
        }
        let prefix = String(current.dropLast(last.count))
        if let equals = last.firstIndex(of: "=") {
            let type = FaultType(rawValue: String(words[0]))
            let choices = type?.attribute(named: String(last[..<equals]))?.choices ?? []
            return .words(
                choices.isEmpty ? Self.choices(last[..<equals]) : choices,
                before: prefix + last[...equals])
        }
        let type = FaultType(rawValue: String(words[0]))
        // The statuses of `respond` are written as numbers.
        let own =
            type == .script
            ? ["file", "variant"]
            : (type?.attributes ?? []).map(\.name).filter { !$0.hasPrefix("<") }
        return .words((own + Self.settings).map { "\($0)=" }, before: prefix)
    }

    private static let types = (FaultType.allCases + [.script]).map(\.rawValue)

    /// What every toxic takes.
    private static let settings = [
        "name", "stream", "toxicity", "exchanges", "per", "path", "method", "header", "client",
        "request",
    ]

    private static func choices(_ key: Substring) -> [String] {
        switch key {
        case "stream": [ToxicStream.upstream, .downstream].map(\.rawValue)
        case "per": ExchangeRange.Counting.allCases.map(\.rawValue)
        default: []
        }
    }

    /// Of `25:error,50:delay`, behind the last share.
    private static func behavior(_ current: String) -> Answer {
        guard let colon = current.lastIndex(of: ":"), !current[colon...].contains(",") else {
            return Answer()
        }
        return .words(Behaviour.allCases.map(\.rawValue), before: String(current[...colon]))
    }

    /// Measures, alone and of each proxy.
    private func expectations(_ current: String) -> [String] {
        let measures = Expectation.Measure.allCases.map(\.rawValue)
        guard let point = current.firstIndex(of: ".") else {
            return measures + proxies().map { "\($0)." }
        }
        return measures.map { current[...point] + $0 }
    }
}
