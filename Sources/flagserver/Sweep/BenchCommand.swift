import ArgumentParser
import Faults
import Glibc
import Sweeping

/// `flagget bench`: requests that come when they are due, whatever became of those before.
struct BenchCommand: LoadCommand {
    static let name = "bench"
    static let usage =
        "usage: flagget bench [-h] --rate R [--duration SECONDS] [-m CONCURRENT] [-s LABEL] "
        + "[<options>] [CC ...]"
    private static let maximumRate = 1_000_000.0

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Offer a rate of requests and tell how long they take, queueing included.",
        usage: String(usage.dropFirst("usage: ".count)),
        discussion: """
            EXAMPLES:
              flagget bench -s LOCAL --rate 2000
              flagget bench -s DELAY --rate 100 --duration 5 --json -

            Each request has a planned start, and its time counts from there (an open
            loop). If less than 98 % of the offered rate was achieved, that is said in
            the place of percentiles.

            EXIT STATUS: 0; 1 if nothing succeeded or a file cannot be written; 2 wrong
            usage (64 as 'flagserver bench'); 130 Ctrl-C.
            """)

    @OptionGroup var load: LoadOptions

    @Option(help: ArgumentHelp("Requests per second, up to 1000000.", valueName: "R"))
    var rate: String?

    @Option(help: ArgumentHelp("How long (default: 10).", valueName: "SECONDS"))
    var duration: String?

    @Option(
        name: [.customShort("m"), .customLong("max_req"), .customLong("max-req")],
        help: ArgumentHelp("Most requests at a time (default: 1000).", valueName: "CONCURRENT"))
    var maximumRequests: String?

    @Option(help: ArgumentHelp("All figures, as JSON; - for stdout.", valueName: "FILE"))
    var json: String?

    func measure() throws -> Int32 {
        guard let text = rate else {
            throw GetUsageError("--rate R is missing: how many requests per second, --rate 100")
        }
        guard let rate = Double(text), rate > 0, rate <= Self.maximumRate else {
            throw GetUsageError("--rate R must be a number above 0, up to 1000000")
        }
        let duration =
            try SiteOptions.time(
                duration, "--duration SECONDS", 100_000_000...3_600_000_000_000, "0.1 to 3600")
            ?? 10_000_000_000
        guard let connections = maximumRequests.map({ Int($0) }) ?? 1000,
            (1...1000).contains(connections)
        else { throw GetUsageError("--max_req CONCURRENT must be from 1 to 1000") }
        let session = try BenchSession(
            try load.target(), rate: rate, duration: duration, connections: connections)
        let report = try session.run()
        try tell(report)
        if session.isInterrupted { return GetExit.interrupted }
        return session.hasSucceeded ? 0 : 1
    }

    private func tell(_ report: BenchReport) throws {
        let columns = TerminalWidth.exactColumns(of: STDOUT_FILENO)
        let text = BenchText(
            style: TextStyle(columns: columns ?? TerminalWidth.standard)
        ).text(report)
        if json == "-" { StandardError.write(text) } else { try StandardOutput.write(text) }
        guard let json else { return }
        let object = BenchJSON.text(report)
        try OutputFile.write(object, to: json, "--json")
    }

    func run() throws { Glibc.exit(try measure()) }
}
