/// What `-h` says: how it is used, the options that are used most, and where the rest is.
enum Overview {
    /// In the order in which people come to need them.
    private static let used = [
        "--delay", "--error-rate", "--error-status", "--seed", "--ports", "--edition", "--toxic",
        "--proxy", "--max-concurrency", "--config", "--journal", "--quiet",
    ]

    private static let columns = 80
    /// Where what an option does begins.
    private static let column = 25

    static func short(_ program: CommandReference) -> String {
        let known = program.subcommand("serve")?.options ?? []
        let options = used.compactMap { name in known.first { $0.names.contains(name) } }
        let rows = options.map { option in
            let word = option.value.map { "\(option.longest) <\($0)>" } ?? option.longest
            let gap = max(1, column - 2 - word.count)
            return "  \(word)\(String(repeating: " ", count: gap))\(shortened(option.summary))"
        }
        let commands = program.subcommands.map(\.name).filter { $0 != "serve" && $0 != "help" }
        let topics = HelpTopic.allCases.filter { $0 != .limits }.map(\.rawValue).joined(
            separator: ", ")
        return """
            \(wrapped(program.abstract))

            USAGE: flagserver [options]
                   flagserver run [options] -- <command>

            \(rows.joined(separator: "\n"))

            \(wrapped("Commands: \(commands.joined(separator: ", "))."))
            All options: flagserver --help
            \(wrapped("One topic: help limits (or \(topics))"))
            """
    }

    /// The first part of a sentence that fits beside the option.
    private static func shortened(_ summary: String) -> String {
        let most = columns - column
        guard summary.count > most else { return summary }
        let said = summary.firstRange(of: " (default").map { summary[..<$0.lowerBound] }
        if let said, said.count <= most { return String(said) }
        let head = summary.prefix(most + 1)
        if let end = head.lastIndex(where: { ":;,(".contains($0) }) { return head[..<end].trimmed }
        return head[..<(head.lastIndex(of: " ") ?? head.endIndex)].trimmed + " …"
    }

    /// In lines that fit.
    private static func wrapped(_ text: String) -> String {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty || line.count + 1 + word.count <= columns {
                lines[lines.count - 1] = line.isEmpty ? String(word) : "\(line) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}
