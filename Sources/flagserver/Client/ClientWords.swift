import ArgumentParser
import Faults

/// The first words of a command line that mean a client, and how they are turned into what the
/// parser takes.
enum ClientWords {
    /// Under which toxiproxy-cli's command line can be had.
    static let toxiproxy = "toxiproxy-cli"

    static let commands: [any ClientCommand.Type] =
        [
            StatusCommand.self, JournalCommand.self, ResetCommand.self, VerifyCommand.self,
        ] + proxyCommands

    /// Toxiproxy's own.
    static let proxyCommands: [any ClientCommand.Type] = [
        ListCommand.self, InspectCommand.self, CreateCommand.self, ToggleCommand.self,
        DeleteCommand.self,
    ]

    private static let toxicCommands: [any ClientCommand.Type] = [
        ToxicAddCommand.self, ToxicUpdateCommand.self, ToxicRemoveCommand.self,
    ]

    /// Without aliases.
    static let names = commands.compactMap { $0.configuration.commandName } + [ToxicCommand.name]

    private static func spellings(_ commands: [any ParsableCommand.Type]) -> [String] {
        commands.flatMap { [$0.configuration.commandName ?? ""] + $0.configuration.aliases }
    }

    /// Whether a command line is a client's.
    static func areMeant(_ arguments: [String]) -> Bool {
        guard let first = arguments.first, !first.hasPrefix("-") else { return false }
        return first == toxiproxy || spellings(commands + [ToxicCommand.self]).contains(first)
    }

    static func manner(_ arguments: [String]) -> ClientManner {
        arguments.first == toxiproxy ? .toxiproxy : .flagserver
    }

    // MARK: Spellings

    /// Options as toxiproxy-cli's parser takes them too: long ones with one hyphen, and `-h` for
    /// the host.
    private static let long = [
        "toxicName": "toxicName", "toxic-name": "toxicName", "type": "type", "toxicity": "toxicity",
        "tox": "toxicity", "attribute": "attribute", "upstream": "upstream",
        "downstream": "downstream", "listen": "listen", "host": "url",
    ]

    /// - Parameter arguments: for which `areMeant` holds.
    /// - Throws: `CommandLineError` 64 for a word that there is not.
    static func parsable(_ arguments: [String]) throws -> [String] {
        let manner = manner(arguments)
        let isFiltered = spellings([JournalCommand.self, VerifyCommand.self])
            .contains(arguments.first ?? "")
        var words = arguments.map { word in
            // The parser takes what begins with a blank for no option.
            isFiltered && FilterWords.isNegated(word) ? " \(word)" : respelled(word, manner)
        }
        if manner == .toxiproxy { words = [toxiproxy] + withHostLast(Array(words.dropFirst())) }
        var rest = words[...]
        if manner == .toxiproxy {
            rest = rest.dropFirst()
            let known = spellings(proxyCommands + [ToxicCommand.self])
            try check(rest.first, manner.program, known, proxyCommands + [ToxicCommand.self])
        }
        if let word = rest.first, spellings([ToxicCommand.self]).contains(word) {
            try check(
                rest.dropFirst().first, "\(manner.program) toxic", spellings(toxicCommands),
                toxicCommands)
        }
        return words
    }

    private static func respelled(_ word: String, _ manner: ClientManner) -> String {
        guard word.hasPrefix("-") else { return word }
        let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
        let value = word.drop { $0 != "=" }
        if manner == .toxiproxy, word.hasPrefix("-h"), name == "h" { return "--url\(value)" }
        if manner == .toxiproxy, word == "-v" { return "--version" }
        guard name.count > 1, let known = long[String(name)] else { return word }
        return "--\(known)\(value)"
    }

    /// Go's parser wants it in front of the command, ours behind it.
    private static func withHostLast(_ words: [String]) -> [String] {
        var rest = words[...]
        var host: [String] = []
        while let word = rest.first, word.hasPrefix("--url") || word.hasPrefix("--token") {
            let count = word.contains("=") ? 1 : 2
            host += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return rest.isEmpty && host.isEmpty ? [] : Array(rest) + host
    }

    /// - Parameter word: nil and options are the parser's.
    private static func check(
        _ word: String?, _ program: String, _ known: [String], _ all: [any ParsableCommand.Type]
    ) throws {
        guard let word, !word.hasPrefix("-"), word != "help", !known.contains(word) else { return }
        let names = all.compactMap { $0.configuration.commandName }
        throw OptionValues.usage(
            "'\(program)' has no '\(word)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: known.filter { $0.count > 2 })
                + " '\(program) --help' tells more.")
    }
}
