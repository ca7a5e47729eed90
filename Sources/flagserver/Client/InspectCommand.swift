import ArgumentParser

/// `flagserver inspect`, as toxiproxy-cli's.
struct InspectCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the toxics of one of the running daemon's proxies.",
        discussion: """
            EXAMPLE:
              flagserver inspect error

            Where it is no terminal, a line for each toxic, with tabs between: name,
            type, stream, toxicity and attributes in the units of the JSON API.
            """,
        aliases: ["i", "ins"])

    @Argument(help: "The proxy's name.")
    var name: String?

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let proxy = try client.proxy(needed(name, "inspect <name>", client.manner))
        guard let columns = client.columns else { return proxy.toxics.map(\.line).joined() }
        let state = proxy.isEnabled ? "enabled" : "disabled"
        let head = "\(proxy.name)  \(proxy.listen) → \(proxy.upstream)  \(state)\n"
        guard !proxy.toxics.isEmpty else {
            return head + "no toxics\nAdd one with '\(client.manner.program) toxic add'.\n"
        }
        let rows = proxy.toxics.map { TextTable.Row(["", $0.name, $0.stream], last: [$0.words]) }
        return head + TextTable(head: nil, rows: rows).text(columns: columns)
    }
}
