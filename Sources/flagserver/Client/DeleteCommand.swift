import ArgumentParser

/// `flagserver delete`, as toxiproxy-cli's.
struct DeleteCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a proxy of the running daemon.",
        discussion: """
            EXAMPLE:
              flagserver delete db

            Its connections are closed. A flag server comes back with 'flagserver reset'.
            """,
        aliases: ["d"])

    @Argument(help: "The proxy's name.")
    var name: String?

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let proxy = try client.proxy(needed(name, "delete <name>", client.manner))
        _ = try client.ask(ControlRequest("DELETE", ControlClient.path(proxy.name)))
        return "Deleted proxy \(proxy.name)\n"
    }
}
