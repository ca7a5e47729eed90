import ArgumentParser

/// The words of `flagget`: those of the book's `flags2` programs, and those that it adds. Values
/// stay text here; `GetPlan` reads them.
struct GetOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Country code or first letter (B for BA to BZ; default: the 20 most populous).",
            valueName: "CC"))
    var codes: [String] = []

    @OptionGroup(title: "As in the book") var book: GetBookOptions
    @OptionGroup(title: "Site") var site: SiteOptions
    @OptionGroup(title: "Files") var places: GetPlaceOptions
    @OptionGroup(title: "Trying again") var trying: GetRetryOptions
    @OptionGroup(title: "Results") var results: GetResultOptions
}

struct GetBookOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Get all available flags (AD to ZW).")
    var all = false

    @Flag(name: .shortAndLong, help: "Get flags for every possible code (AA to ZZ).")
    var every = false

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Limit to the first N codes.", valueName: "N"))
    var limit: String?

    @Option(
        name: [
            .customShort("m"), .customLong("max_req"), .customLong("max-req"),
            .customLong("max-concurrency"),
        ],
        help: ArgumentHelp(
            "Most requests at a time, at most 1000, or auto for the best (default: 5).",
            valueName: "CONCURRENT"))
    var maximumRequests: String?

    @Flag(name: .shortAndLong, help: "A line for each flag instead of the progress bar.")
    var verbose = false
}

struct GetPlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where files go (default: downloaded).", valueName: "DIR"),
        completion: .directory)
    var dest: String?

    @Flag(help: "Ask for metadata.json as well, and name files by their countries.")
    var names = false
}

struct GetRetryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How often what failed is tried again, 0 to 100 (default: 0).", valueName: "N"))
    var retries: String?

    @Option(
        help: ArgumentHelp(
            "The wait before the first retry; doubled for each further one, at most 30 s "
                + "(default: 0.5).", valueName: "SECONDS"))
    var backoff: String?

    @Flag(help: "Go on with what an earlier run has left unfinished.")
    var resume = false
}

struct GetResultOptions: ParsableArguments {
    @Flag(help: "Hold each file against the site's SHA256SUMS.")
    var verify = false

    @Option(
        help: ArgumentHelp("What became of each flag; - for stdout.", valueName: "FILE"),
        completion: .file(extensions: ["json"]))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "What ends it by 1: error, not-found, both with a comma, or none (default: none).",
            valueName: "LIST"),
        completion: .list(["error", "not-found", "error,not-found", "none"]))
    var failOn: String?
}
