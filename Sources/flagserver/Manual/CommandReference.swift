import ArgumentParser

/// All that can be typed, as the parser itself tells it: manual, completions and the documentation
/// are made from this list, so that none of them lacks an option.
struct CommandReference: Equatable {
    let name: String
    let abstract: String
    let discussion: String
    /// Those that are shown, in the order of the help.
    let options: [ReferenceOption]
    /// Words without hyphens, in their order.
    let arguments: [ReferenceOption]
    /// Those that are shown.
    let subcommands: [CommandReference]

    /// Of the whole program.
    static func program() -> CommandReference {
        CommandReference(FlagserverCommand.self, and: [help])
    }

    /// The parser's own.
    private static let help = CommandReference(
        name: "help", abstract: "Show subcommand help information.", discussion: "", options: [],
        arguments: [], subcommands: [])

    func subcommand(_ name: String) -> CommandReference? { subcommands.first { $0.name == name } }
}

extension CommandReference {
    private init(_ command: any ParsableCommand.Type, and others: [CommandReference] = []) {
        let configuration = command.configuration
        name = command._commandName
        (abstract, discussion) = (configuration.abstract, configuration.discussion)
        var screen = HelpScreen(FlagserverCommand.helpMessage(for: command, columns: 100_000))
        let entries = screen.entries()
        options = entries.filter { !$0.names.isEmpty }
        arguments = entries.filter(\.names.isEmpty)
        let shown = configuration.subcommands.filter { $0.configuration.shouldDisplay }
        subcommands = shown.map { CommandReference($0) } + others
    }
}
