import ArgumentParser
import ControlAPI

/// `flagserver create`, as toxiproxy-cli's.
struct CreateCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a proxy in the running daemon.",
        discussion: """
            EXAMPLES:
              flagserver create -l localhost:9000 -u db.internal:5432 db
              flagserver create -l localhost:0 -u localhost:8001 --protocol http flags
            """,
        aliases: ["c", "new"])

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Where it listens; port 0 is a free one ('list' tells it).", valueName: "host:port"))
    var listen: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where connections go.", valueName: "host:port"))
    var upstream: String?

    @Option(
        help: ArgumentHelp(
            "tcp, http, redis, memcache, mysql, smtp, postgres or charfinder (default: tcp; "
                + "Toxiproxy has only this).",
            valueName: "protocol"))
    var `protocol`: String?

    @Argument(help: "The proxy's name.")
    var name: String?

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let usage = "create -l <host:port> -u <host:port> <name>"
        let name = try needed(name, usage, client.manner)
        let members: [JSONValue.Member] = [
            .init("name", .string(name)),
            .init("listen", .string(try address(listen, "--listen", usage, client.manner))),
            .init("upstream", .string(try address(upstream, "--upstream", usage, client.manner))),
            .init("enabled", .bool(true)),
        ]
        let more = `protocol`.map { [JSONValue.Member("protocol", .string($0))] } ?? []
        _ = try client.ask(ControlRequest("POST", "/proxies", .object(members + more)))
        return "Created new proxy \(name)\n"
    }

    private func address(
        _ text: String?, _ option: String, _ usage: String, _ manner: ClientManner
    ) throws -> String {
        if let text, !text.isEmpty { return text }
        throw OptionValues.usage("\(option) is missing. Write '\(manner.program) \(usage)'.")
    }
}
