import ArgumentParser

/// `flagserver toxic`, as toxiproxy-cli's.
struct ToxicCommand: ParsableCommand {
    static let name = "toxic"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Add, update or remove a toxic of the running daemon.",
        discussion: """
            EXAMPLES:
              flagserver toxic add -t latency -a latency=200ms -a jitter=50ms error
              flagserver toxic update -n latency_downstream -a latency=1s error
              flagserver toxic remove -n latency_downstream error

            'flagserver toxics' lists the types with their attributes.
            """,
        subcommands: [ToxicAddCommand.self, ToxicUpdateCommand.self, ToxicRemoveCommand.self],
        aliases: ["t"])
}
