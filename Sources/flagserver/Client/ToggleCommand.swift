import ArgumentParser
import ControlAPI

/// `flagserver toggle`, as toxiproxy-cli's.
struct ToggleCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "toggle",
        abstract: "Disable a proxy of the running daemon, or enable it again.",
        discussion: """
            EXAMPLE:
              flagserver toggle error

            One that is disabled listens no more, and its connections are closed.
            """,
        aliases: ["tog"])

    @Argument(help: "The proxy's name.")
    var name: String?

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let proxy = try client.proxy(needed(name, "toggle <name>", client.manner))
        let isEnabled = !proxy.isEnabled
        // Not PATCH, which older ones do not know.
        _ = try client.ask(
            ControlRequest(
                "POST", ControlClient.path(proxy.name),
                .object([.init("enabled", .bool(isEnabled))])))
        return "Proxy \(proxy.name) is now \(isEnabled ? "enabled" : "disabled")\n"
    }
}
