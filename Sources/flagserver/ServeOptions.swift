import ArgumentParser

/// What `serve` and `draw` understand. Values stay text here; `Settings` reads and checks them.
struct ServeOptions: ParsableArguments {
    @OptionGroup(title: "Servers") var servers: ServerOptions
    @OptionGroup(title: "Delay and error") var faults: FaultOptions
    @OptionGroup(title: "Limits and control") var control: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions
}

struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory with flags/<cc>/<cc>.gif and metadata.json (default: ./fixtures, else the "
                + "installed set).", valueName: "dir"))
    var fixtures: String?

    @Option(
        help: ArgumentHelp(
            "8001,8002,8003 for LOCAL, DELAY, ERROR; 0 for free ones; local=9001,error=0,delay=off "
                + "for changes (default: 8001,8002,8003).", valueName: "list"))
    var ports: String?

    @Option(help: "Ports and fault model of the book's edition.")
    var edition: Edition = .first

    @Option(
        help: ArgumentHelp(
            "loopback (127.0.0.1 and ::1), all, or one address.",
            valueName: "loopback|all|addr"))
    var bind = "loopback"
}

struct FaultOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "0.5, 500ms, or 0.5..5 for a uniform draw; at most 60 s (default: 0.5).",
            valueName: "time"))
    var delay: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of ERROR's requests that are delayed; DELAY delays all (default: 0.5).",
            valueName: "p"))
    var delayRate: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of ERROR's requests that get an error: 0.25 or 25%.", valueName: "p"))
    var errorRate = "0.25"

    @Option(
        help: ArgumentHelp(
            "The errors: 418,503, or with weights 418=3,503=1 (default: 418,503).",
            valueName: "codes"))
    var errorStatus: String?

    @Option(
        help: ArgumentHelp(
            "random: each by its own coin; exact: the share is met in every 20 requests.",
            valueName: "random|exact"))
    var errorMode: ErrorMode = .random

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Retry-After of 503 and 429, or none.", valueName: "time"))
    var retryAfter = "1s"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Same seed, same fate for the same request (default: random, printed).",
            valueName: "n"))
    var seed: UInt64?

    @Flag(help: "Send Access-Control-Allow-Origin: *.")
    var cors = false
}

enum ErrorMode: String, ExpressibleByArgument, CaseIterable {
    case random, exact
}

struct ControlOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Connections that each server accepts at once (default: what the open-file limit "
                + "allows).", valueName: "n"))
    var maxConnections: Int?

    @Option(
        help: ArgumentHelp(
            "JSON {pid, seed, urls, ports}, written atomically once everything listens.",
            valueName: "file"))
    var readyFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time to deliver what is under way on SIGTERM or SIGINT; a second signal ends at once.",
            valueName: "time"))
    var grace = "5s"
}

struct OutputOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Only warnings and errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "More about the surroundings.")
    var verbose = false

    @Option(
        help: ArgumentHelp(
            "One line per request; auto: for people on a terminal, else key=value.",
            valueName: "auto|text|json"))
    var logFormat: LogFormat = .auto

    @Option(help: ArgumentHelp("Colour on a terminal.", valueName: "auto|always|never"))
    var color: ColorChoice = .auto
}

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case auto, text, json
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
