import ArgumentParser
import Downloading
import Faults

/// What `sweep` and `bench` ask for: flags of a site, as `flagget` does.
struct LoadOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Country code or first letter (default: all 194 flags).", valueName: "CC"))
    var codes: [String] = []

    @Flag(name: .shortAndLong, help: "All available flags (the default).")
    var all = false

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

    /// Where flags are asked for.
    ///
    /// - Throws: `GetUsageError`.
    func target() throws -> LoadTarget {
        guard let edition = edition.map({ Edition(rawValue: $0.lowercased()) }) ?? .first else {
            throw GetUsageError("--edition EDITION must be 1e or 2e")
        }
        let site = try DownloadSite(
            label: server, baseURL: baseURL, edition: edition,
            variable: OptionSources.environment)
        let codes = try CountryCodes(
            every: false, all: codes.isEmpty, named: codes, countries: BuiltInFixtures.codes,
            limit: .max)
        return try LoadTarget(
            site, codes.sorted,
            timeout: Self.time(timeout, "--timeout", 0.01...3600, "0.01 to 3600") ?? 3_100_000_000)
    }

    /// - Parameter words: the bounds, in seconds.
    /// - Throws: `GetUsageError`.
    static func time(
        _ text: String?, _ option: String, _ seconds: ClosedRange<Double>, _ words: String
    ) throws -> Nanoseconds? {
        guard let text else { return nil }
        guard let time = try? OptionValues.time(text, option: option),
            seconds.contains(Double(time) / 1e9)
        else {
            throw GetUsageError("\(option) SECONDS must be from \(words)")
        }
        return time
    }
}

/// What a load asks for.
struct LoadTarget {
    let site: DownloadSite
    let urls: [DownloadURL]
    let timeout: Nanoseconds

    /// - Throws: `GetUsageError` for a URL that cannot be asked.
    init(_ site: DownloadSite, _ codes: [String], timeout: Nanoseconds) throws {
        (self.site, self.timeout) = (site, timeout)
        do throws(DownloadURL.Mistake) {
            let base = try DownloadURL(site.url)
            urls = codes.map { base.appending("\($0.lowercased())/\($0.lowercased()).gif") }
        } catch {
            throw GetUsageError("\(site.url): \(error)")
        }
    }

    func limits(connections: Int) -> DownloadLimits {
        DownloadLimits(
            connections: connections, patience: timeout, total: min(timeout, 3_600_000_000_000) * 10
        )
    }
}
