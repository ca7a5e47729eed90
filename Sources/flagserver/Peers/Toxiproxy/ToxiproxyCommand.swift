import ArgumentParser
import Glibc

/// `flagserver toxiproxy`: Toxiproxy's API without any proxy at first, with its own command line.
struct ToxiproxyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "toxiproxy",
        abstract: "Be Toxiproxy: its API, with its command line and file.",
        discussion: """
            EXAMPLE:
              flagserver toxiproxy -host localhost -port 8474 -config toxiproxy.json

            Also when the program is run under the name 'toxiproxy-server'. Options
            may have one hyphen or two. LOG_LEVEL in the environment is trace, debug,
            info, warn, error, fatal or panic.
            """,
        version: "toxiproxy-server version \(ToxiproxyConfiguration.version)")

    @OptionGroup var options: ToxiproxyOptions

    func run() throws {
        try StandardDescriptors.open()
        guard !options.version else {
            return try StandardOutput.write(
                Self.configuration.version + "\n")
        }
        let configuration = try ToxiproxyConfiguration(options) { name in
            getenv(name).map { String(cString: $0) }
        }
        try ToxiproxyDaemon(configuration).run()
    }

    /// A flag of Go's may have a value, `-proxy-metrics=false`; the parser's may not.
    ///
    /// - Parameter arguments: with the subcommand first.
    static func parsable(_ arguments: [String]) -> [String] {
        guard arguments.first == "toxiproxy" else { return arguments }
        let flags = ["proxy-metrics", "runtime-metrics", "version"]
        return arguments.compactMap { argument in
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, argument.hasPrefix("-"),
                flags.contains(String(parts[0].drop { $0 == "-" }))
            else { return argument }
            // The spellings of Go's strconv.ParseBool.
            switch parts[1] {
            case "1", "t", "T", "true", "TRUE", "True": return parts[0]
            case "0", "f", "F", "false", "FALSE", "False": return nil
            default: return argument
            }
        }
    }
}

/// Toxiproxy's own options; values are checked by `ToxiproxyConfiguration`.
struct ToxiproxyOptions: ParsableArguments {
    @Option(
        name: [.customLong("host", withSingleDash: true), .customLong("host")],
        help: ArgumentHelp("Host of the API (default: localhost).", valueName: "host"))
    var host: String?

    @Option(
        name: [.customLong("port", withSingleDash: true), .customLong("port")],
        help: ArgumentHelp("Port of the API.", valueName: "port"))
    var port = "8474"

    @Option(
        name: [.customLong("config", withSingleDash: true), .customLong("config")],
        help: ArgumentHelp("JSON array of proxies to begin with.", valueName: "file"))
    var config: String?

    @Option(
        name: [.customLong("seed", withSingleDash: true), .customLong("seed")],
        parsing: .unconditional,
        help: ArgumentHelp(
            "Same seed, same fate for the same connection (default: random).", valueName: "n"))
    var seed: String?

    @Flag(
        name: [
            .customLong("proxy-metrics", withSingleDash: true), .customLong("proxy-metrics"),
        ], help: "Byte counters at /metrics.")
    var proxyMetrics = false

    @Flag(
        name: [
            .customLong("runtime-metrics", withSingleDash: true), .customLong("runtime-metrics"),
        ], help: "Counters of the process at /metrics.")
    var runtimeMetrics = false

    @Flag(
        name: .customLong("version", withSingleDash: true),
        help: "Print the version whose API this is.")
    var version = false
}
