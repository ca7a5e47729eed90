import ArgumentParser
import Records

/// `flagserver list`, as toxiproxy-cli's.
struct ListCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the running daemon's proxies.",
        discussion: """
            EXAMPLES:
              flagserver list
              flagserver list | cut -f 1

            Name, address, upstream, whether it is enabled, and how many toxics it has;
            with tabs between where it is no terminal.
            """,
        aliases: ["ls", "l", "li"])

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let proxies = try client.proxies()
        let rows = proxies.map { proxy in
            [
                proxy.name, proxy.listen, proxy.upstream,
                proxy.isEnabled ? "enabled" : "disabled",
            ]
        }
        guard let columns = client.columns else {
            return zip(rows, proxies).map { row, proxy in
                row.map(\.printable).joined(separator: "\t") + "\t\(proxy.toxics.count)\n"
            }.joined()
        }
        guard !proxies.isEmpty else {
            return "no proxies\nMake one with '\(client.manner.program) create'.\n"
        }
        let head = TextTable.Row(["NAME", "LISTEN", "UPSTREAM", "ENABLED"], last: ["TOXICS"])
        let all = zip(rows, proxies).map { row, proxy in
            TextTable.Row(row, last: [proxy.toxics.isEmpty ? "none" : "\(proxy.toxics.count)"])
        }
        return TextTable(head: head, rows: all).text(columns: columns)
    }
}
