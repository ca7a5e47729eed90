import ArgumentParser
import Faults
import Sweeping

/// What a sweep measures, for how long, and where what it finds goes.
struct SweepOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .customLong("max_req"), .customLong("max-req")],
        help: ArgumentHelp(
            "How many at once: 1,2,4,8 or auto, which searches (default: auto).",
            valueName: "LIST"))
    var concurrency: String?

    @Option(help: ArgumentHelp("Largest number of auto, 1 to 1000 (default: 128).", valueName: "N"))
    var max: String?

    @Option(help: ArgumentHelp("How long all of it may take (default: 30).", valueName: "SECONDS"))
    var budget: String?

    @Option(help: ArgumentHelp("The picture, as SVG.", valueName: "FILE"))
    var svg: String?

    @Option(help: ArgumentHelp("All figures, as JSON; - for stdout.", valueName: "FILE"))
    var json: String?

    @Option(help: ArgumentHelp("A line for each row; - for stdout.", valueName: "FILE"))
    var csv: String?

    private static let maximum = 1000
    private static let standardMaximum = 128

    /// - Parameter seed: of the order.
    /// - Throws: `GetUsageError`.
    func search(seed: UInt64) throws -> ConcurrencySearch {
        guard let text = concurrency, text.lowercased() != "auto" else {
            return ConcurrencySearch(maximum: try greatest(), seed: seed)
        }
        guard max == nil else { throw GetUsageError("--max is for -m auto: the list says it all") }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int($0) }
        guard numbers.count == words.count, numbers.count <= Self.maximum,
            numbers.allSatisfy({ (1...Self.maximum).contains($0) })
        else { throw GetUsageError("-m LIST must be numbers from 1 to 1000 with commas, or auto") }
        return ConcurrencySearch(numbers: numbers)
    }

    /// - Throws: `GetUsageError`.
    private func greatest() throws -> Int {
        guard let max else { return Self.standardMaximum }
        guard let number = Int(max), (1...Self.maximum).contains(number) else {
            throw GetUsageError("--max N must be from 1 to 1000")
        }
        return number
    }

    /// In nanoseconds.
    ///
    /// - Throws: `GetUsageError`.
    func time() throws -> Nanoseconds {
        try SiteOptions.time(
            budget, "--budget SECONDS", 1_000_000_000...3_600_000_000_000, "1 to 3600")
            ?? 30_000_000_000
    }

    /// Whether stdout is for a program.
    ///
    /// - Throws: `GetUsageError`.
    func isForProgram() throws -> Bool {
        guard json == "-", csv == "-" else { return json == "-" || csv == "-" }
        throw GetUsageError("--json - and --csv - cannot both have stdout")
    }
}
