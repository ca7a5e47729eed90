import ArgumentParser

/// `flagserver reset`: the running daemon as it was started.
struct ResetCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Put the running daemon's proxies back to their start.",
        discussion: """
            EXAMPLE:
              flagserver reset

            Proxies are enabled and have the toxics again that they were started with
            (none, if they were made later); counters, peaks and attempts begin again.
            """)

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        _ = try client.ask(ControlRequest("POST", "/reset"))
        return "Reset \(client.url)\n"
    }
}
