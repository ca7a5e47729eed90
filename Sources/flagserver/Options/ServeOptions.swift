import ArgumentParser
import Records

/// What `serve` and `draw` understand. Values stay text here; `Settings` reads and checks them.
struct ServeOptions: ParsableArguments {
    @OptionGroup(title: "Servers") var servers: ServerOptions
    @OptionGroup(title: "Delay, error and chaos") var faults: FaultOptions
    @OptionGroup(title: "Proxies") var proxies: ProxyOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Control") var control: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions
}

struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory with flags/<cc>/<cc>.gif and metadata.json (default: ./fixtures if it has "
                + "any, else the 194 flags in the program).", valueName: "dir"))
    var fixtures: String?

    @Option(
        help: ArgumentHelp(
            "8001,8002,8003,8004,8005 for LOCAL, DELAY, ERROR, CHAOS, FAULT; 0 for free ones (the "
                + "control port too); off for none; local=9001,error=0,chaos=off for changes "
                + "(default: 8001,8002,8003,8004,8005).", valueName: "list"))
    var ports: String?

    @Option(
        name: .customLong("edition"),
        help: ArgumentHelp(
            "Ports and fault model of the book's edition (default: 1e).", valueName: "1e|2e"))
    var namedEdition: Edition?

    var edition: Edition { namedEdition ?? .first }

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A name server, UDP and TCP, that knows the countries below flags.test and the names "
                + "of the configuration file, and nothing else; alone: port 8053 (default: off).",
            valueName: "port|on|off"))
    var dns: String?

    @Option(
        help: ArgumentHelp(
            "loopback (127.0.0.1 and ::1), all, or one address.",
            valueName: "loopback|all|addr"))
    var bind = "loopback"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The book's charfinder as well, alone: over TCP on 2323 and HTTP on 8888; "
                + "tcp=0,http=off,edition=1 for changes (default: off).",
            valueName: "list|on|off"))
    var charfinder: String?
}

struct FaultOptions: ParsableArguments {
    static let standardErrorRate = "0.25"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "0.5, 500ms, or 0.5..5 for a uniform draw; at most 60 s (default: 0.5).",
            valueName: "time"))
    var delay: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of ERROR's and CHAOS's requests that are delayed; DELAY delays all (default: "
                + "0.5).",
            valueName: "p"))
    var delayRate: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of ERROR's and CHAOS's requests that get an error: 0.25 or 25%.",
            valueName: "p"))
    var errorRate = Self.standardErrorRate

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
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A fault more, '<proxy>:<type> key=value …': 'flagserver toxics' lists all; "
                + "repeatable.", valueName: "spec"))
    var toxic: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Same seed, same fate for the same request (default: random, printed).",
            valueName: "n"), transform: OptionValues.seed)
    var seed: UInt64?

    @Flag(help: "Send Access-Control-Allow-Origin: *.")
    var cors = false

    @Flag(help: "No Server-Timing on answers that met a fault.")
    var noFaultHeaders = false
}

enum ErrorMode: String, ExpressibleByArgument, CaseIterable {
    case random, exact
}

struct ProxyOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A proxy more, '[name=]<listen>=<backend>': 9000=db.internal:5432, "
                + "db=127.0.0.1:9000=[::1]:5432; repeatable.", valueName: "spec"))
    var proxy: [String] = []

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp(
            "Of those proxies: tcp, http, redis, memcache, mysql, smtp, postgres or "
                + "charfinder.",
            valueName: "name"))
    var protocolName = "tcp"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Vaurien's 25:error,50:delay: at most one of them for each exchange, on CHAOS instead "
                + "of its independent faults, and on those proxies.", valueName: "mix"))
    var behavior: String?
}

struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Requests in flight that each flag server allows (default: any number).",
            valueName: "n"))
    var maxConcurrency: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Requests in flight that each flag server allows each client address (default: any "
                + "number).", valueName: "n"))
    var maxConcurrencyPerClient: String?

    @Option(
        help: ArgumentHelp(
            "What becomes of a request that is one too many: an answer; queue: it waits, at most "
                + "1000 do, 30 s, then 503; close: FIN without a byte (default: 503).",
            valueName: "503|429|queue|close"))
    var overLimit: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Requests a second that each flag server takes, 10, 0.5 or 600/m, with bursts of so "
                + "many; then 429 with Retry-After (default: any).", valueName: "n/s"))
    var rate: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Connections that each server accepts at once; without --over-limit the others wait "
                + "(default: what the open-file limit allows).",
            valueName: "n"))
    var maxConnections: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long the flag servers keep a connection on which nothing is asked.",
            valueName: "time"))
    var keepAlive = "75s"
}

struct ControlOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Port of a page for browsers, Toxiproxy's and Vaurien's API and the metrics "
                + "(default: 8474).",
            valueName: "port|off"))
    var control: String?

    @Option(
        help: ArgumentHelp(
            "Where it listens: loopback, all or one address; beyond loopback only with a token.",
            valueName: "loopback|all|addr"))
    var controlBind = "loopback"

    @Option(
        help: ArgumentHelp(
            "What its clients must send: Authorization: Bearer <token>.", valueName: "token"))
    var controlToken: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Name that its clients may have in Host, beside the loopback ones; repeatable.",
            valueName: "name"))
    var allowedHost: [String] = []

    @Option(
        help: ArgumentHelp(
            "YAML or JSON with these options and with proxies; SIGHUP reads it again.",
            valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "JSON {pid, seed, urls, ports}, written atomically once everything listens.",
            valueName: "file"))
    var readyFile: String?

    @Option(
        help: ArgumentHelp(
            "A line of JSON for each exchange, appended to a file, which SIGHUP opens again, or to "
                + "stdout.", valueName: "file|-"))
    var journal: String?

    @Option(
        help: ArgumentHelp(
            "Where private worlds (POST /worlds) listen: 20000..20999 (default: any free port).",
            valueName: "range"))
    var worldPorts: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Records that /journal keeps, at most 1000000.", valueName: "n"))
    var ring = "\(Journal.standardCapacity)"

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

    @Option(
        help: ArgumentHelp(
            "The log goes to this file, appended; SIGHUP opens it again (default: stderr).",
            valueName: "file"))
    var logFile: String?

    @Option(help: ArgumentHelp("Colour on a terminal.", valueName: "auto|always|never"))
    var color: ColorChoice = .auto
}

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case auto, text, json
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
