import ArgumentParser
import Glibc

/// `flagget`, which is `flagserver get` under another name: the book's downloader.
struct GetCommand: ParsableCommand {
    static let name = "get"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Download flags as the book's flags2 programs do; also under the name flagget.",
        usage: "flagget [-h] [-a] [-e] [-l N] [-m CONCURRENT] [-s LABEL] [-v] [<options>] [CC ...]",
        discussion: """
            EXAMPLES:
              flagget                       the 20 most populous countries, from LOCAL
              flagget -s DELAY -m 100 -a    all 194, 100 at a time
              flagget -s ERROR -e -v        every code from AA to ZZ, a line for each
              flagget -s ERROR -a --retries 5 --json result.json
              flagget --names BR US         Brazil.gif and United_States_of_America.gif
              flagget --base-url http://localhost:9000/flags BR
              flagget sweep -s DELAY        how many at a time are best
              flagget bench -s LOCAL --rate 1000

            Files go to ./downloaded. The site's URL is that of FLAGS_<LABEL>_URL if it
            is set, as in 'flagserver run -- flagget', or else the book's.

            EXIT STATUS: 0 whatever the server answered, as the book's programs; 1 if a
            file cannot be written or for what --fail-on names; 2 wrong usage; 130 Ctrl-C.
            """)

    @OptionGroup var options: GetOptions

    /// What is behind `get`, and a sweep without a command of the user's.
    ///
    /// - Returns: nil for what is none of it.
    static func words(of typed: [String]) -> [String]? {
        switch typed.first {
        case name: Array(typed.dropFirst())
        case BenchCommand.name: typed
        case SweepCommand.name: isOfCommand(typed.dropFirst()) ? nil : typed
        default: nil
        }
    }

    /// Whether a sweep is one of a command of the user's, or its help is wanted.
    private static func isOfCommand(_ words: ArraySlice<String>) -> Bool {
        words.contains("--") || ["-h", "--help"].contains(words.first)
    }

    /// - Parameter typed: without the program's name and without `get`.
    /// - Returns: the exit status.
    static func run(_ typed: [String]) throws -> Int32 {
        try StandardDescriptors.open()
        do {
            if typed.contains("--version") {
                try StandardOutput.write("\(Banner.version)\n")
                return 0
            }
            if let load = try loadCommand(typed) { return try load.measure() }
            guard let options = try options(typed) else { return 0 }
            let plan = try GetPlan(
                options, countries: BuiltInFixtures.codes, variable: OptionSources.environment)
            return try GetSession(plan, GetScreen(plan)).run()
        } catch let error as GetUsageError {
            StandardError.write(error.text(usage: usage(typed)))
        } catch let error where exitCode(for: error) == .validationFailure {
            StandardError.write(GetUsageError(message(for: error)).text(usage: usage(typed)))
        }
        return GetUsageError.exitStatus
    }

    /// - Returns: nil if it was help that was wanted, which has been told.
    private static func options(_ typed: [String]) throws -> GetOptions? {
        let words = try GetArguments.parsable(typed)
        if let options = GetOptions.read(words) { return options }
        var parsed = try parseAsRoot(words)
        if let command = parsed as? GetCommand { return command.options }
        try parsed.run()
        return nil
    }

    private static func usage(_ typed: [String]) -> String {
        switch typed.first {
        case SweepCommand.name: SweepCommand.usage
        case BenchCommand.name: BenchCommand.usage
        default: GetUsageError.usage
        }
    }

    /// `sweep` and `bench` behind the program's name.
    private static func loadCommand(_ typed: [String]) throws -> (any LoadCommand)? {
        let words = Array(typed.dropFirst())
        var command: any ParsableCommand
        switch typed.first {
        case SweepCommand.name: command = try SweepCommand.parseAsRoot(words)
        case BenchCommand.name: command = try BenchCommand.parseAsRoot(words)
        default: return nil
        }
        if let load = command as? any LoadCommand { return load }
        try command.run()  // help
        Glibc.exit(0)
    }

    /// Only for the parser's own way here, which knows no arguments but these.
    func run() throws { Glibc.exit(try Self.run(Array(Invocation.text.dropFirst(2)))) }
}
