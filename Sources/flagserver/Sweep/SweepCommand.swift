import ArgumentParser
import Glibc
import Sweeping

/// `flagget sweep`: which number of connections gets the most out of a server.
struct SweepCommand: LoadCommand {
    static let name = "sweep"
    static let usage =
        "usage: flagget sweep [-h] [-m LIST] [--max N] [-s LABEL] [--budget SECONDS] [<options>] "
        + "[CC ...]"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Find how many downloads at once get the most out of a server.",
        usage: String(usage.dropFirst("usage: ".count)),
        discussion: """
            EXAMPLES:
              flagget sweep -s DELAY             1, 2, 4 … up to 128, then around the best
              flagget sweep -s LOCAL --max 32 --budget 10 --svg local.svg
              flagget sweep --base-url http://localhost:9000/flags -m 1,2,4,8,16
              flagserver sweep -m 1,2,4,8 -- python flags2_asyncio.py -s DELAY -m {}

            Each number of connections is kept busy all the time (a closed loop), until
            the rate is known to ± 2.5 % or its share of --budget is spent. The
            server's own peak stands beside it where its control port answers
            (FLAGS_CONTROL_URL, or port 8474).

            EXIT STATUS: 0; 1 if nothing succeeded or a file cannot be written; 2 wrong
            usage (64 as 'flagserver sweep'); 130 Ctrl-C.
            """)

    @OptionGroup var load: LoadOptions
    @OptionGroup(title: "Sweep") var options: SweepOptions

    @Option(help: ArgumentHelp("Of the order and of the intervals (default: 1).", valueName: "N"))
    var seed: String?

    func measure() throws -> Int32 {
        let seed = try Self.seed(seed)
        let target = try load.target()
        let search = try options.search(seed: seed)
        let budget = try options.time()
        let screen = try SweepScreen(options, unit: "flags")
        let session = try SweepSession(target, search, budget: budget, seed: seed, screen)
        let count = target.urls.count == 1 ? "1 flag" : "\(target.urls.count) flags"
        return try session.run(
            """
            \(target.site.label) site: \(target.site.url)
            Sweeping over \(count) for at most \(budget / 1_000_000_000) s.

            """)
    }

    /// - Throws: `GetUsageError`.
    static func seed(_ text: String?) throws -> UInt64 {
        guard let text else { return 1 }
        guard let seed = try? OptionValues.seed(text) else {
            throw GetUsageError("--seed N must be a whole number from 0 on")
        }
        return seed
    }

    func run() throws { Glibc.exit(try measure()) }
}
