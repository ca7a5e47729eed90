import ArgumentParser

/// toxiproxy-cli: the same clients, with its units, its host and its exit status.
struct ToxiproxyClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ClientWords.toxiproxy,
        abstract: "Be toxiproxy-cli: its words for the running daemon.",
        discussion: """
            EXAMPLES:
              toxiproxy-cli list
              toxiproxy-cli -h localhost:8474 toxic add -t latency -a latency=100 error
              toxiproxy-cli toxic update -n latency_downstream -a latency=200 error

            Also when the program is run under the name 'toxiproxy-cli'. A control port
            is named by -h or --host, else by TOXIPROXY_URL. Numbers are in Toxiproxy's
            units (ms, KB/s, bytes), an update without --toxicity sets it to 1, and the
            status of every failure is 1.
            """,
        version: "toxiproxy-cli version \(ToxiproxyConfiguration.version)",
        subcommands: ClientWords.proxyCommands + [ToxicCommand.self])
}
