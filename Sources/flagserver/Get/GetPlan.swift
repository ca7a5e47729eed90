import Faults

/// What a command line of `flagget` means: every value read, every bound held.
struct GetPlan: Equatable {
    enum Concurrency: Equatable {
        /// How many requests at a time: 1...1000.
        case fixed(Int)
        /// The number that gets the most out of the site, once that is found.
        case best
    }

    /// What ends a run by 1.
    enum Failing: String, CaseIterable {
        case error
        case notFound = "not-found"
    }

    /// As in the book, whatever is asked for.
    static let maximumConcurrency = 1_000
    /// The book's, so that public sites would not be hurt.
    static let standardConcurrency = 5
    static let standardFolder = "downloaded"
    private static let standardBackoff: Nanoseconds = 500_000_000

    /// Sorted, at least one.
    let codes: [String]
    let site: DownloadSite
    let concurrency: Concurrency
    /// The most connections that can be of use: 1...1000.
    let connections: Int
    let isVerbose: Bool
    /// Whether files are named by their countries.
    let usesNames: Bool
    let folder: String
    /// After the first attempt: 0...100.
    let retries: Int
    /// At most 30 s.
    let backoff: Nanoseconds
    /// 10 ms to 1 h.
    let timeout: Nanoseconds
    let resumes: Bool
    let verifies: Bool
    /// Where results go; nil: nowhere.
    let json: String?
    let failing: Set<Failing>

    /// Whether stdout is for a program, and the report for people goes to stderr.
    var isOutputJSON: Bool { json == "-" }

    /// - Parameters:
    ///   - countries: the codes that there are flags for.
    ///   - variable: the value of an environment variable; nil if it is not set.
    init(
        _ options: GetOptions, countries: [String], variable: (String) -> String?
    ) throws(GetUsageError) {
        // In the order in which the book's programs look at them.
        concurrency = try Self.concurrency(options.book.maximumRequests)
        let limit = try Self.limit(options.book.limit)
        site = try options.site.site(variable: variable)
        codes = try CountryCodes(
            every: options.book.every, all: options.book.all, named: options.codes,
            countries: countries,
            limit: limit
        ).sorted
        connections =
            switch concurrency {
            case .fixed(let count): min(count, codes.count)
            case .best: min(Self.maximumConcurrency, codes.count)
            }
        (isVerbose, usesNames) = (options.book.verbose, options.places.names)
        folder = options.places.dest ?? Self.standardFolder
        retries = try Self.retries(options.trying.retries)
        backoff =
            try SiteOptions.time(
                options.trying.backoff, "--backoff SECONDS", 0...RetryAdvice.maximumWait,
                "0 to 30") ?? Self.standardBackoff
        timeout = try options.site.patience()
        (resumes, verifies) = (options.trying.resume, options.results.verify)
        json = options.results.json
        failing = try Self.failing(options.results.failOn)
    }

    // MARK: Values

    private static func concurrency(_ text: String?) throws(GetUsageError) -> Concurrency {
        guard let text else { return .fixed(standardConcurrency) }
        if text.lowercased() == "auto" { return .best }
        guard let count = whole(text) else {
            throw GetUsageError("--max_req CONCURRENT must be a whole number or auto")
        }
        guard count >= 1 else { throw GetUsageError("--max_req CONCURRENT must be >= 1") }
        return .fixed(min(count, maximumConcurrency))
    }

    private static func limit(_ text: String?) throws(GetUsageError) -> Int {
        guard let text else { return .max }
        guard let limit = whole(text) else {
            throw GetUsageError("--limit N must be a whole number")
        }
        guard limit >= 1 else { throw GetUsageError("--limit N must be >= 1") }
        return limit
    }

    private static func retries(_ text: String?) throws(GetUsageError) -> Int {
        guard let text else { return 0 }
        guard let count = whole(text), (0...RetryAdvice.maximumRetries).contains(count) else {
            throw GetUsageError(
                "--retries N must be a whole number from 0 to \(RetryAdvice.maximumRetries)")
        }
        return count
    }

    /// As Python reads whole numbers, which know no largest one.
    private static func whole(_ text: String) -> Int? {
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return Int(text) ?? (text.hasPrefix("-") ? .min : .max)
    }

    private static func failing(_ text: String?) throws(GetUsageError) -> Set<Failing> {
        guard let text, text != "none" else { return [] }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let known = words.compactMap { Failing(rawValue: String($0)) }
        guard known.count == words.count else {
            throw GetUsageError("--fail-on LIST must be error, not-found, error,not-found or none")
        }
        return Set(known)
    }
}
