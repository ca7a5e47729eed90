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

extension GetOptions {
    /// Those of a command line that `GetArguments` has spelled, where nothing is left to be found
    /// out: the parser takes two fifths of the instructions of a whole run with 194 flags.
    ///
    /// - Returns: nil if some word is no option of a download (`--help`): the parser knows more.
    static func read(_ words: [String]) -> GetOptions? {
        // No initializer: there an assignment would not be a value but a default.
        var options = none
        let end = words.firstIndex(of: "--") ?? words.endIndex
        for word in words[..<end] {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let known =
                parts.count > 1
                ? options.set(parts[0], to: String(parts[1])) : options.set(parts[0])
            guard known else { return nil }
        }
        options.codes = Array(words[end...].dropFirst())
        return options
    }

    private static var none: GetOptions {
        var options = GetOptions()
        (options.codes, options.book, options.site) = ([], .none, .none)
        (options.places, options.trying, options.results) = (.none, .none, .none)
        return options
    }

    private mutating func set(_ flag: Substring) -> Bool {
        switch flag {
        case "--all": book.all = true
        case "--every": book.every = true
        case "--verbose": book.verbose = true
        case "--names": places.names = true
        case "--resume": trying.resume = true
        case "--verify": results.verify = true
        default: return false
        }
        return true
    }

    /// The last of several wins, as in the parser.
    private mutating func set(_ option: Substring, to value: String) -> Bool {
        switch option {
        case "--limit": book.limit = value
        case "--max_req": book.maximumRequests = value
        case "--server": site.server = value
        case "--base-url": site.baseURL = value
        case "--edition": site.edition = value
        case "--timeout": site.timeout = value
        case "--dest": places.dest = value
        case "--retries": trying.retries = value
        case "--backoff": trying.backoff = value
        case "--json": results.json = value
        case "--fail-on": results.failOn = value
        default: return false
        }
        return true
    }
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

    /// Nothing typed.
    static var none: GetBookOptions {
        var options = GetBookOptions()
        (options.all, options.every, options.verbose) = (false, false, false)
        (options.limit, options.maximumRequests) = (nil, nil)
        return options
    }
}

struct GetPlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where files go (default: downloaded).", valueName: "DIR"),
        completion: .directory)
    var dest: String?

    @Flag(help: "Ask for metadata.json as well, and name files by their countries.")
    var names = false

    /// Nothing typed.
    static var none: GetPlaceOptions {
        var options = GetPlaceOptions()
        (options.dest, options.names) = (nil, false)
        return options
    }
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

    /// Nothing typed.
    static var none: GetRetryOptions {
        var options = GetRetryOptions()
        (options.retries, options.backoff, options.resume) = (nil, nil, false)
        return options
    }
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

    /// Nothing typed.
    static var none: GetResultOptions {
        var options = GetResultOptions()
        (options.verify, options.json, options.failOn) = (false, nil, nil)
        return options
    }
}
