import ArgumentParser
import ControlAPI
import Faults

/// `flagserver toxic add`, as toxiproxy-cli's.
struct ToxicAddCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a toxic to a proxy of the running daemon.",
        discussion: """
            EXAMPLES:
              flagserver toxic add -t latency -a latency=200ms -a jitter=50ms error
              flagserver toxic add -t limit_data -a bytes=4kB --toxicity 0.1 error
              flagserver toxic add -t respond -a status=503 -a path=/flags/br/* error

            A time or a rate needs a unit, 200ms or 64kB/s, as in --toxic; conditions
            like path= and exchanges= are given like attributes. toxiproxy-cli has bare
            numbers, in the units of the JSON API.
            """,
        aliases: ["a"])

    @OptionGroup var toxic: ToxicOptions

    @Option(
        name: [.short, .long], help: ArgumentHelp("Of the toxic: latency, …", valueName: "type"))
    var type: String?

    @Flag(name: [.short, .long], help: "What the client sends.")
    var upstream = false

    @Flag(name: [.short, .long], help: "What the client gets (default; respond: --upstream).")
    var downstream = false

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let name = try needed(toxic.proxy, "toxic add -t <type> <proxy>", client.manner)
        guard let type, !type.isEmpty else {
            throw OptionValues.usage(
                "--type is missing. Write --type latency; 'flagserver toxics' lists all.")
        }
        guard !upstream || !downstream else {
            throw OptionValues.usage("a toxic acts on one stream: --upstream or --downstream.")
        }
        let proxy = try client.proxy(name)
        let content = try content(type, proxy, client.manner)
        let path = ControlClient.path(proxy.name, "toxics")
        let answer = try client.ask(ControlRequest("POST", path, content))
        let made = answer.json.flatMap(RemoteToxic.init)
        return "Added \(made?.stream ?? "") \(made?.type ?? type) toxic '\(made?.name ?? "")' "
            + "on proxy '\(proxy.name)'\n"
    }

    private func content(
        _ type: String, _ proxy: RemoteProxy, _ manner: ClientManner
    ) throws -> JSONValue {
        let stream = upstream ? "upstream" : downstream ? "downstream" : nil
        switch manner {
        case .toxiproxy:
            return .object([
                .init("name", .string(toxic.toxicName ?? "")), .init("type", .string(type)),
                .init("stream", .string(stream ?? "downstream")),
                .init("toxicity", try toxic.bareToxicity() ?? .number("1")),
                .init("attributes", try toxic.bareAttributes()),
            ])
        case .flagserver:
            let beside = [
                ("type", type), ("name", toxic.toxicName), ("stream", stream),
                ("toxicity", toxic.toxicity),
            ]
            let fields = try toxic.fields()
            let all = beside.compactMap { name, text in
                text.map { ToxicField(name, .text($0)) }
            }
            return ToxicCoding.json(
                try toxic.read(all + fields) { reading throws(ToxicError) in
                    try reading.toxic()
                })
        }
    }
}
