import ArgumentParser
import ControlAPI

/// `flagserver status`: what the running daemon does, and what has happened.
struct StatusCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the running daemon's servers do, and what has happened.",
        discussion: """
            EXAMPLES:
              flagserver status
              flagserver status --url http://localhost:8474 --json

            A line for each proxy: requests under way now, the most at once, the limit;
            requests, errors that faults made and refusals since the last reset; and what
            it does. --json prints what was read: /proxies and /concurrency.
            """)

    @Flag(help: "As JSON: url, proxies and concurrency.")
    var json = false

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let proxies = try client.proxies()
        // Toxiproxy has no meters.
        let answer = try client.askAnything(ControlRequest("GET", "/concurrency"))
        let meters = answer.isSuccess ? answer.json : nil
        guard !json else {
            let listed = try client.ask(ControlRequest("GET", "/proxies"))
            return JSONWriter.text(
                .object([
                    .init("url", .string("\(client.url)")), .init("proxies", listed.json ?? .null),
                    .init("concurrency", meters ?? .null),
                ])) + "\n"
        }
        guard !proxies.isEmpty else { return "\(client.url) has no proxies.\n" }
        let head = ["NAME", "ADDRESS", "NOW", "PEAK", "LIMIT", "REQUESTS", "ERRORS", "REFUSED"]
        let rows = proxies.map { proxy in
            let meter = meters?["proxies"]?[proxy.name]
            let counts = ["in_flight", "peak", "limit", "requests", "errors", "refused"]
            return TextTable.Row(
                [proxy.name, proxy.listen] + counts.map { meter?[$0]?.digits ?? "-" },
                last: Self.destination(proxy) + proxy.words)
        }
        let table = TextTable(head: .init(head, last: ["DOES"]), rows: rows, right: 2..<8)
        return table.text(columns: client.columns)
    }

    /// Where its connections go, if it is no flag server.
    private static func destination(_ proxy: RemoteProxy) -> [String] {
        proxy.upstream == "flags" ? [] : ["→ \(proxy.upstream)"]
    }
}
