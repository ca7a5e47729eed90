import ArgumentParser

/// Vaurien's own command line. Values stay text here; `VaurienConfiguration` reads them together
/// with those of the configuration file.
struct VaurienOptions: ParsableArguments {
    @OptionGroup(title: "Program") var program: VaurienProgramOptions
    @OptionGroup(title: "Proxy") var proxy: VaurienProxyOptions
    @OptionGroup(title: "Statsd and log") var reports: VaurienReportOptions
    @OptionGroup(title: "Behaviors") var behaviors: VaurienBehaviorOptions
    @OptionGroup(title: "Protocols") var protocols: VaurienProtocolOptions

    /// What was typed, by the names that the configuration file has for it: section and key with a
    /// point between.
    var values: [String: String] {
        [program.values, proxy.values, reports.values, behaviors.values, protocols.values]
            .reduce(into: [:]) { all, some in all.merge(some) { $1 } }
    }
}

struct VaurienProgramOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "INI file; what it says wins over the command line.", valueName: "file"))
    var config: String?

    @Flag(help: "Start the HTTP API; then the behavior is dummy unless --behavior is given.")
    var http = false

    @Option(help: ArgumentHelp("Its host (default: localhost).", valueName: "host"))
    var httpHost: String?

    @Option(help: ArgumentHelp("Its port (default: 8080).", valueName: "port"))
    var httpPort: String?

    fileprivate var values: [String: String] {
        given([
            ("vaurien.http", http ? "true" : nil), ("vaurien.http_host", httpHost),
            ("vaurien.http_port", httpPort),
        ])
    }
}

struct VaurienProxyOptions: ParsableArguments {
    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp(
            "tcp, http, redis, memcache, mysql or smtp (default: tcp).", valueName: "name"))
    var protocolName: String?

    @Option(
        help: ArgumentHelp(
            "Where to listen (default: localhost:8000).", valueName: "host:port"))
    var proxy: String?

    @Option(
        help: ArgumentHelp("Where to connect (default: localhost:80).", valueName: "host:port"))
    var backend: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "25:error,50:delay: at most one of them for each exchange (default: 100:dummy).",
            valueName: "mix"))
    var behavior: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seconds to connect to the backend, and without any data (default: 30).",
            valueName: "s"))
    var timeout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Accepted, without effect: as many clients may wait as the kernel allows.",
            valueName: "n"))
    var backlog: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Accepted, without effect.", valueName: "bytes"))
    var bufsize: String?

    @Flag(help: "Accepted, without effect: connections stay as long as both sides want.")
    var stayConnected = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Accepted, without effect: there is no pool.", valueName: "n"))
    var poolMaxSize: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Accepted, without effect: there is no pool.", valueName: "s"))
    var poolTimeout: String?

    @Flag(help: "Accepted, without effect.")
    var sync = false

    fileprivate var values: [String: String] {
        given([
            ("vaurien.protocol", protocolName), ("vaurien.proxy", proxy),
            ("vaurien.backend", backend), ("vaurien.behavior", behavior),
            ("vaurien.timeout", timeout), ("vaurien.backlog", backlog),
            ("vaurien.bufsize", bufsize),
            ("vaurien.stay_connected", stayConnected ? "true" : nil),
            ("vaurien.pool_max_size", poolMaxSize), ("vaurien.pool_timeout", poolTimeout),
            ("vaurien.sync", sync ? "true" : nil),
        ])
    }
}

struct VaurienReportOptions: ParsableArguments {
    @Flag(name: .customLong("statsd.enabled"), help: "Send counters by UDP.")
    var statsdEnabled = false

    @Option(
        name: .customLong("statsd.host"),
        help: ArgumentHelp("To this host (default: localhost).", valueName: "host"))
    var statsdHost: String?

    @Option(
        name: .customLong("statsd.port"),
        help: ArgumentHelp("At this port (default: 8125).", valueName: "port"))
    var statsdPort: String?

    @Option(
        name: .customLong("statsd.prefix"),
        help: ArgumentHelp("First part of their names (default: vaurien).", valueName: "text"))
    var statsdPrefix: String?

    @Option(
        name: .customLong("statsd.sample-rate"), parsing: .unconditional,
        help: ArgumentHelp("Share of them that is sent (default: 1.0).", valueName: "p"))
    var statsdSampleRate: String?

    @Option(
        help: ArgumentHelp(
            "critical, error, warning, info or debug (default: info).", valueName: "level"))
    var logLevel: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("File, or - for stderr (default: -).", valueName: "file"))
    var logOutput: String?

    fileprivate var values: [String: String] {
        given([
            ("statsd.enabled", statsdEnabled ? "true" : nil), ("statsd.host", statsdHost),
            ("statsd.port", statsdPort), ("statsd.prefix", statsdPrefix),
            ("statsd.sample_rate", statsdSampleRate), ("vaurien.log_level", logLevel),
            ("vaurien.log_output", logOutput),
        ])
    }
}

/// Those that were given.
func given(_ pairs: [(String, String?)]) -> [String: String] {
    pairs.reduce(into: [:]) { values, pair in values[pair.0] = pair.1 }
}
