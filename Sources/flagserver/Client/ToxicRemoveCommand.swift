import ArgumentParser

/// `flagserver toxic remove`, as toxiproxy-cli's.
struct ToxicRemoveCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a toxic of the running daemon.",
        discussion: """
            EXAMPLE:
              flagserver toxic remove -n latency_downstream error
            """,
        aliases: ["r", "delete", "d"])

    @Option(
        name: [.short, .customLong("toxicName")],
        help: ArgumentHelp("Of the toxic.", valueName: "name"))
    var name: String?

    @Argument(help: "The proxy's name.")
    var proxy: String?

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let usage = "toxic remove -n <toxic> <proxy>"
        let proxyName = try needed(proxy, usage, client.manner)
        let toxicName = try ToxicOptions.neededName(name, usage, client.manner)
        let proxy = try client.proxy(proxyName)
        _ = try proxy.toxic(toxicName)
        _ = try client.ask(
            ControlRequest("DELETE", ControlClient.path(proxy.name, "toxics", toxicName)))
        return "Removed toxic '\(toxicName)' on proxy '\(proxy.name)'\n"
    }
}
