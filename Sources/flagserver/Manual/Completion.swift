import ChaosProxy
import Faults

/// What may stand where the cursor is. Pure, but for who knows the proxies.
struct Completion {
    /// A word that would be right there, and what it is.
    struct Candidate: Equatable {
        let text: String
        var summary = ""
    }

    /// What the shell itself completes beside the candidates.
    enum Kind: String {
        case words, files, folders, commands
    }

    struct Answer: Equatable {
        var candidates: [Candidate] = []
        var kind = Kind.words

        static func words(_ texts: [String], before prefix: String = "") -> Answer {
            Answer(candidates: texts.map { Candidate(text: prefix + $0) })
        }
    }

    let program: CommandReference
    /// Asked only where one may stand.
    let proxies: () -> [String]

    init(_ program: CommandReference, proxies: @escaping () -> [String]) {
        (self.program, self.proxies) = (program, proxies)
    }

    /// - Parameter words: behind the program's name; the last one, maybe empty, is completed.
    func answer(to words: [String]) -> Answer {
        let current = words.last ?? ""
        var (command, rest) = (program, words.dropLast()[...])
        while let word = rest.first, let next = command.subcommand(word) {
            (command, rest) = (next, rest.dropFirst())
        }
        if let end = rest.firstIndex(of: "--") {
            return Answer(kind: rest.endIndex == end + 1 ? .commands : .files)
        }
        // The options of `serve` may stand alone.
        let isBare = command.name == program.name
        let options = isBare ? program.subcommand("serve") ?? program : command
        var answer = whole(of: options, rest, current)
        // A word in front of everything is the name of a subcommand.
        if isBare, rest.isEmpty, !current.hasPrefix("-") {
            answer.candidates += Self.names(program.subcommands)
        } else if !command.subcommands.isEmpty, rest.isEmpty {
            answer.candidates += Self.names(command.subcommands)
        }
        answer.candidates = answer.candidates.filter { $0.text.hasPrefix(current) }
        return answer
    }

    private static func names(_ commands: [CommandReference]) -> [Candidate] {
        commands.map { Candidate(text: $0.name, summary: $0.abstract) }
    }

    private func whole(
        of command: CommandReference, _ before: ArraySlice<String>, _ current: String
    ) -> Answer {
        if let option = Self.option(before.last, of: command) { return values(option, current) }
        if let equals = current.firstIndex(of: "="), current.hasPrefix("-"),
            let option = Self.option(String(current[..<equals]), of: command)
        {
            let prefix = String(current[...equals])
            var answer = values(option, String(current.dropFirst(prefix.count)))
            answer.candidates = answer.candidates.map {
                Candidate(text: prefix + $0.text, summary: $0.summary)
            }
            return answer
        }
        if current.hasPrefix("-") {
            return Answer(
                candidates: command.options.flatMap { option in
                    option.names.map { Candidate(text: $0, summary: option.summary) }
                })
        }
        return argument(of: command, number: Self.argumentCount(before, of: command), current)
    }

    /// The option whose value comes next.
    private static func option(
        _ word: String?, of command: CommandReference
    ) -> ReferenceOption? {
        guard let word else { return nil }
        return command.options.first { $0.value != nil && $0.names.contains(word) }
    }

    /// How many words are neither options nor their values.
    private static func argumentCount(
        _ words: ArraySlice<String>, of command: CommandReference
    ) -> Int {
        var count = 0
        var isValue = false
        for word in words {
            if !isValue, !word.hasPrefix("-") { count += 1 }
            isValue = !isValue && option(word, of: command) != nil
        }
        return count
    }
}
