import ArgumentParser
import Faults
import Glibc

/// The words of `flagserver conformance`.
struct ConformanceOptions: ParsableArguments {
    @Option(
        name: .customShort("k"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Only these cases: body/truncate, truncate, 'body/*', body; repeatable.",
            valueName: "glob"))
    var pattern: [String] = []

    @Flag(help: "Print the cases with what is expected, how bad it is, and what happens.")
    var list = false

    @Option(help: ArgumentHelp("Serve one case for use by hand until Ctrl-C.", valueName: "name"))
    var serve: String?

    @Option(help: ArgumentHelp("Commands side by side (default: 2 for each core).", valueName: "n"))
    var jobs: String?

    @Option(help: ArgumentHelp("How long each command may take (default: 5s).", valueName: "time"))
    var timeout: String?

    @Option(help: ArgumentHelp("Differences that are known, with reasons.", valueName: "file"))
    var known: String?

    @Flag(help: "Each case also cut in pieces, and byte by byte.")
    var thorough = false

    @Flag(help: "A wrong file is a finding even if an error was reported.")
    var strict = false

    @Option(help: ArgumentHelp("What the client is called in reports.", valueName: "name"))
    var client: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Write a report, by the end of its name: .json, .xml (JUnit), .html, .md; repeatable.",
            valueName: "file"))
    var report: [String] = []

    @Option(
        name: .customLong("seed"),
        help: ArgumentHelp("Same seed, same bytes (default: 1).", valueName: "n"))
    var seedText: String?

    private static let standardTimeout = "5s"
    private static let standardSeed: UInt64 = 1
    private static let maximumJobs = 64

    /// What the environment says where nothing was typed.
    ///
    /// - Parameter variable: the value of an option's variable; empty if there is none.
    mutating func addTwins(_ variable: (String) -> String) throws {
        func added(_ typed: String?, _ name: String) -> String? {
            let value = variable(name)
            return typed ?? (value.isEmpty ? nil : value)
        }
        func isOn(_ typed: Bool, _ name: String) throws -> Bool {
            let value = variable(name)
            return try typed || !value.isEmpty && EnvironmentTwins.isOn(value, flag: name)
        }
        (jobs, timeout) = (added(jobs, "jobs"), added(timeout, "timeout"))
        (known, client) = (added(known, "known"), added(client, "client"))
        seedText = added(seedText, "seed")
        (thorough, strict) = (try isOn(thorough, "thorough"), try isOn(strict, "strict"))
        if report.isEmpty {
            report = variable("report").split(separator: ";").map { $0.trimmed }
        }
    }

    // MARK: What they mean

    func seed() throws -> UInt64 {
        guard let seedText else { return Self.standardSeed }
        guard let seed = UInt64(seedText) else {
            throw OptionValues.usage("--seed \(seedText): write a whole number like 42.")
        }
        return seed
    }

    /// - Throws: `CommandLineError` 64.
    func plan(_ command: CommandTemplate, _ all: [ConformanceCase]) throws -> ConformancePlan {
        let cases = thorough ? all.flatMap(\.deliveries) : all
        let text = timeout ?? Self.standardTimeout
        let limit = try OptionValues.time(text, option: "--timeout")
        guard (10_000_000...3_600_000_000_000).contains(limit) else {
            throw OptionValues.usage("--timeout \(text) is no time from 10ms to 1h.")
        }
        return ConformancePlan(
            command: command, cases: try CaseSelection(patterns: pattern).chosen(from: cases),
            seed: try seed(), jobs: try jobCount(), limit: limit, isStrict: strict,
            client: client, rerunWords: try rerunWords())
    }

    private func jobCount() throws -> Int {
        guard let jobs else {
            return min(max(2 * sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), Self.maximumJobs)
        }
        return try OptionValues.count(jobs, 1...Self.maximumJobs, option: "--jobs")
    }

    private func rerunWords() throws -> [String] {
        let seed = try seed()
        let time = timeout ?? Self.standardTimeout
        return (seed == Self.standardSeed ? [] : ["--seed", "\(seed)"])
            + (time == Self.standardTimeout ? [] : ["--timeout", time])
            + (strict ? ["--strict"] : [])
    }

    /// - Throws: `CommandLineError` 66 or 78.
    func knownDifferences(_ all: [ConformanceCase]) throws -> KnownDifferences {
        guard let known else { return KnownDifferences() }
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.read(known, maximumSize: KnownDifferences.maximumSize)
        } catch {
            throw CommandLineError(
                .missingInput, "cannot read the known differences '\(known)': \(error).")
        }
        return try KnownDifferences(
            String(decoding: bytes, as: UTF8.self), path: known,
            names: all.flatMap(\.deliveries).map(\.name))
    }
}
