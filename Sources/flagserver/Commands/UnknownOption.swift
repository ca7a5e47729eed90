import ArgumentParser

/// The parser's word on an option that there is not: it guesses from the letters alone.
enum UnknownOption {
    /// - Parameters:
    ///   - message: the parser's.
    ///   - arguments: what was typed, with the subcommand.
    /// - Returns: nil if it is about something else, or about a subcommand with options of its own.
    static func refusal(_ message: String, _ arguments: [String]) -> CommandLineError? {
        let start = "Unknown option '"
        guard message.hasPrefix(start), EnvironmentTwins.haveTwins(arguments) else { return nil }
        let word = message.dropFirst(start.count).prefix { $0 != "'" && $0 != "=" }
        let subcommand = arguments.first.flatMap { $0.hasPrefix("-") ? nil : $0 + " " } ?? ""
        return refusal(String(word), subcommand)
    }

    /// - Parameters:
    ///   - subcommand: with a blank behind it, or nothing.
    ///   - more: to stand at the end.
    static func refusal(
        _ word: String, _ subcommand: String, more: String = ""
    ) -> CommandLineError {
        let words = subcommand == "run " ? Run.words : []
        let hint = Synonyms.hint(forOption: word, in: names + words)
        return OptionValues.usage(
            "unknown option '\(word)'.\(hint) 'flagserver \(subcommand)--help' lists all\(more).")
    }

    private static var names: [String] {
        (EnvironmentTwins.all + ["help", "version"]).map { "--\($0)" }
    }
}
