import ArgumentParser
import Faults
import FlagSite
import Glibc

/// `flagserver check`: whether a configuration or the fixtures are in order, told without a socket.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration, a script or a fixtures directory, without starting.",
        discussion: """
            EXAMPLES:
              flagserver check                    the fixtures, and ./flagserver.yaml
              flagserver check flagserver.yaml    this file, and the fixtures it names
              flagserver check ./fixtures
              flagserver check my.fault           a script ('flagserver help scripts')

            One line for each thing that is in order. Exit status: 78 for a
            configuration or a script with a mistake, 65 for malformed fixtures,
            66 for what is missing.
            """)

    private static let standardFile = "flagserver.yaml"

    @Argument(help: "A configuration file, a script or a fixtures directory.")
    var path: String?

    func run() throws {
        guard let path else { return try checkStandard() }
        guard !FixtureDirectory.isDirectory(path) else {
            return try tell(Self.fixtures(FixtureSource.find(path)))
        }
        if ScriptCheck.isScript(path) { return try tell(ScriptCheck(path).found) }
        if let named = try checkFile(path) {
            try tell(Self.fixtures(FixtureSource.find(named)))
        }
    }

    /// What serve would use.
    private func checkStandard() throws {
        let hasFile = WholeFile.isThere(Self.standardFile)
        let named = hasFile ? try checkFile(Self.standardFile) : nil
        let variable = OptionSources.environment(EnvironmentTwins.twin(of: "fixtures")) ?? ""
        try tell(Self.fixtures(FixtureSource.find(variable.isEmpty ? named : variable)))
    }

    /// - Returns: the fixtures that it names.
    private func checkFile(_ path: String) throws -> String? {
        let (line, options, warnings) = try Self.configuration(path)
        try tell((line, warnings))
        return options.servers.fixtures
    }

    private func tell(_ found: (line: String, warnings: [String])) throws {
        for warning in found.warnings { StandardError.write("warning: \(warning)\n") }
        try StandardOutput.write(found.line + "\n")
    }

    // MARK: What is checked

    /// A configuration alone, whatever the environment says.
    ///
    /// - Throws: `CommandLineError` 66 or 78.
    static func configuration(_ path: String) throws -> (
        line: String, options: ServeOptions, warnings: [String]
    ) {
        let sources = try OptionSources(
            ["--config=\(path)"], variable: { _ in nil }, parse: { try ServeOptions.parse($0) })
        let options = try sources.options()
        let settings = try Settings(options, sources)
        let servers = FlagServer.allCases.filter { settings.ports[$0] != nil }.count
        let toxics =
            (sources.configuration?.proxies ?? []).reduce(0) { $0 + ($1.toxics?.count ?? 0) }
            + options.faults.toxic.count
        let counts = [
            count(servers, "flag server", "flag servers"),
            count(settings.proxies.count, "proxy", "proxies"), count(toxics, "toxic", "toxics"),
        ]
        return (
            "\(path): ok, \(counts.joined(separator: ", "))", options, settings.warnings
        )
    }

    /// - Throws: `CommandLineError` 65 or 66.
    static func fixtures(_ source: FixtureSource) throws -> (line: String, warnings: [String]) {
        let fixtures = try source.load()
        let megabytes = Notation.shortest(
            (Double(fixtures.store.byteCount) / 1e5).rounded() / 10)
        let what =
            fixtures.note == nil
            ? count(fixtures.store.countries.count, "country", "countries")
            : "no flags but " + count(fixtures.loaded.count, "file", "files")
        return ("\(source): ok, \(what), \(megabytes) MB", fixtures.warnings)
    }

    static func count(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }
}
