import ArgumentParser
import ControlAPI
import Faults

/// `flagserver toxic update`, as toxiproxy-cli's.
struct ToxicUpdateCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a toxic of the running daemon.",
        discussion: """
            EXAMPLES:
              flagserver toxic update -n latency_downstream -a latency=1s error
              flagserver toxic update -n respond_upstream --toxicity 50% error

            What is not given stays as it is. Under toxiproxy-cli, as there, the toxicity
            becomes 1 unless it is given.
            """,
        aliases: ["u"])

    @OptionGroup var toxic: ToxicOptions
    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let usage = "toxic update -n <toxic> <proxy>"
        let name = try needed(toxic.proxy, usage, client.manner)
        let toxicName = try toxic.neededName(usage, client.manner)
        let proxy = try client.proxy(name)
        let content = try content(try proxy.toxic(toxicName), client.manner)
        let path = ControlClient.path(proxy.name, "toxics", toxicName)
        _ = try client.ask(ControlRequest("PATCH", path, content))
        return "Updated toxic '\(toxicName)' on proxy '\(proxy.name)'\n"
    }

    private func content(_ found: RemoteToxic, _ manner: ClientManner) throws -> JSONValue {
        switch manner {
        case .toxiproxy:
            return .object([
                .init("attributes", try toxic.bareAttributes()),
                .init("toxicity", try toxic.bareToxicity() ?? .number("1")),
            ])
        case .flagserver:
            guard let before = found.toxic else {
                throw CommandLineError(
                    .failure,
                    "toxic '\(found.name)' is of a type that flagserver does not know, "
                        + "'\(found.type)'. Use 'flagserver toxiproxy-cli toxic update'.")
            }
            guard toxic.toxicity != nil || !toxic.attribute.isEmpty else {
                throw OptionValues.usage(
                    "nothing is said to change. Write --attribute key=value or --toxicity.")
            }
            let toxicity = toxic.toxicity.map { [ToxicField("toxicity", .text($0))] } ?? []
            let type = [ToxicField("type", .text(found.type))]
            let fields = type + toxicity + (try toxic.fields())
            let changed = try toxic.read(fields) { reading throws(ToxicError) in
                try reading.changed(before)
            }
            return content(changed, before: found)
        }
    }

    private func content(_ changed: Toxic, before: RemoteToxic) -> JSONValue {
        // A toxicity that is not said to change is not sent: it may be one that is met exactly.
        let share = toxic.toxicity == nil ? ["toxicity", "mode"] : []
        let settled = ["name", "type", "stream"] + share
        let members = ToxicCoding.json(changed).members.filter { !settled.contains($0.name) }
        return .object(
            members.map { member -> JSONValue.Member in
                guard member.name == "attributes" else { return member }
                // What is not sent stays; statuses that are no more have no weight.
                let gone = before.attributes.map(\.name).filter { name in
                    member.value[name] == nil
                        && changed.fault.type.attribute(named: name)?.unit == .weight
                }
                return .init(
                    "attributes",
                    .object(member.value.members + gone.map { .init($0, .number("0")) }))
            } + Self.goneWords(changed, before: before.toxic))
    }

    /// Words and texts that are no more are nothing.
    private static func goneWords(_ changed: Toxic, before: Toxic?) -> [JSONValue.Member] {
        let left = changed.fault.attributes.map(\.name)
        return (before?.fault.attributes ?? []).compactMap { name, _ in
            guard before?.fault.type.attribute(named: name)?.unit.isNumber == false,
                !left.contains(name)
            else { return nil }
            return .init(name, .null)
        }
    }
}
