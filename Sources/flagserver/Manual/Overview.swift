/// What `-h` says: how it is used, the options that are used most, and where the rest is.
enum Overview {
    /// In the order in which people come to need them.
    private static let used = [
        "--delay", "--error-rate", "--error-status", "--seed", "--ports", "--edition", "--toxic",
        "--proxy", "--max-concurrency", "--config", "--journal", "--quiet",
    ]

    /// On one screen of 24 lines.
    static func short(_ program: CommandReference) -> String {
        let known = program.subcommand("serve")?.options ?? []
        let options = used.compactMap { name in known.first { $0.names.contains(name) } }
        let rows = options.map { option in
            let word = option.value.map { "\(option.longest) <\($0)>" } ?? option.longest
            return "  \(padded(word, to: 24))\(shortened(option.summary))"
        }
        let commands = program.subcommands.map(\.name).filter { $0 != "serve" && $0 != "help" }
        return """
            \(program.abstract)

            USAGE: flagserver [options]
                   flagserver run [options] -- <command>

            \(rows.joined(separator: "\n"))

            All options: flagserver --help; one topic: flagserver help <topic>
            (\(HelpTopic.names)).
            Commands: \(commands.joined(separator: ", ")).
            """
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    /// The first part of a sentence that fits beside the option.
    private static func shortened(_ summary: String) -> String {
        let most = 54
        guard summary.count > most else { return summary }
        let head = summary.prefix(most)
        let end = head.lastIndex { ":;,(".contains($0) } ?? head.lastIndex(of: " ") ?? head.endIndex
        return head[..<end].trimmed + " …"
    }
}
