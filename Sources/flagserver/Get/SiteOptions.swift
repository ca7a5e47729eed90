import ArgumentParser
import Faults

/// Where flags are asked for, and how patiently: of `flagget`, of its sweep and its bench.
struct SiteOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "CHAOS, DELAY, ERROR, FAULT or LOCAL (default: LOCAL).", valueName: "LABEL"),
        completion: .list(FlagServer.allCases.map(\.label)))
    var server: String?

    @Option(
        help: ArgumentHelp("What stands before /br/br.gif, on any server.", valueName: "URL"))
    var baseURL: String?

    @Option(
        help: ArgumentHelp(
            "The book's edition, for its ports: 1e or 2e (default: 1e).", valueName: "EDITION"),
        completion: .list(Edition.allCases.map(\.rawValue)))
    var edition: String?

    @Option(
        help: ArgumentHelp(
            "To connect, and for more of an answer (default: 3.1).", valueName: "SECONDS"))
    var timeout: String?

    /// Nothing typed.
    static var none: SiteOptions {
        var options = SiteOptions()
        (options.server, options.baseURL) = (nil, nil)
        (options.edition, options.timeout) = (nil, nil)
        return options
    }

    private static let standardTimeout: Nanoseconds = 3_100_000_000

    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    func site(variable: (String) -> String?) throws(GetUsageError) -> DownloadSite {
        try DownloadSite(
            label: server, baseURL: baseURL, edition: try Self.edition(edition),
            variable: variable)
    }

    /// 10 ms to 1 h.
    func patience() throws(GetUsageError) -> Nanoseconds {
        try Self.time(
            timeout, "--timeout SECONDS", 10_000_000...3_600_000_000_000, "0.01 to 3600")
            ?? Self.standardTimeout
    }

    private static func edition(_ text: String?) throws(GetUsageError) -> Edition {
        guard let text else { return .first }
        guard let edition = Edition(rawValue: text.lowercased()) else {
            let names = Edition.allCases.map(\.rawValue).joined(separator: " or ")
            throw GetUsageError("--edition EDITION must be \(names)")
        }
        return edition
    }

    /// - Parameters:
    ///   - option: with the name of its value.
    ///   - words: the bounds, in seconds.
    static func time(
        _ text: String?, _ option: String, _ range: ClosedRange<Nanoseconds>, _ words: String
    ) throws(GetUsageError) -> Nanoseconds? {
        guard let text else { return nil }
        guard let time = try? OptionValues.time(text, option: option), range.contains(time) else {
            throw GetUsageError("\(option) must be from \(words)")
        }
        return time
    }
}
