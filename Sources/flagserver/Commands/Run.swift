import ArgumentParser
import ChaosProxy
import EventLoop
import Glibc
import Records

/// `flagserver run -- CMD…`: the servers for as long as a command runs, and its exit status.
struct Run: TakesServeOptions {
    static let configuration = CommandConfiguration(
        abstract: "Start the servers, run a command, stop, and exit with its status.",
        discussion: """
            EXAMPLES:
              flagserver run -- python flags2_asyncio.py -s ERROR -a
              flagserver run --seed 42 -- pytest -q
              flagserver run --max-concurrency 5 --expect 'peak_concurrency<=5' \\
                --expect 'refused==0' -- python my_downloader.py

            The servers listen on free ports unless --ports says otherwise, before
            the command starts. It finds them in FLAGS_LOCAL_URL, FLAGS_DELAY_URL,
            FLAGS_ERROR_URL, FLAGS_CHAOS_URL (http://localhost:40123/flags),
            FLAGS_CONTROL_URL, TOXIPROXY_URL and FLAGSERVER_SEED. Signals are passed
            on to it; after SIGTERM or SIGINT it has the time of --grace. What it
            leaves behind is ended. If it fails, the seed and the last exchanges are
            told.

            EXPECTATIONS:
              <measure><op><n>, with requests, errors (injected), refused, not_found,
              unplanned_errors, gave_up (left while something was held back),
              peak_concurrency or peak_connections, and <=, >=, ==, !=, < or >: over
              the flag servers (for peaks their maximum), or of one proxy:
              'error.peak_concurrency<=5'. They judge the whole run: what /reset does,
              and proxies that are made or deleted in between, change nothing.

            EXIT STATUS: the command's; 128+n if signal n ended it; 1 if an
            expectation does not hold; 64 wrong usage, 125 the servers could not
            start, 126 the command cannot be executed, 127 there is no such command.
            """)

    @OptionGroup var options: ServeOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What must hold at the end, 'refused==0', or the exit status is 1; repeatable.",
            valueName: "measure op n"))
    var expect: [String] = []

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The command with its arguments.", valueName: "cmd"))
    var command: [String] = []

    /// Failures of ours before the command has run.
    private static let cannotStart: Int32 = 125

    func run(_ sources: OptionSources) throws {
        StandardDescriptors.open()
        let files = ChildProcess.openFileLimit  // before ours is raised
        let command = try checkedCommand()
        let settings = try Settings(Self.options(options), sources)
        let expectations = try expectations()
        let log = LogWriter(descriptor: STDERR_FILENO)
        let status: Int32
        do {
            let session = try RunSession(settings, sources, expectations, log: log)
            let words = Invocation.bytes.suffix(command.count)
            status = session.run(command, arguments: Array(words), files: files)
        } catch let error as CommandLineError where error.status != .usage {
            log.write("\(error.line)\n")
            status = Self.cannotStart
        } catch let error as EventLoopError {
            log.write("error: \(error)\n")
            status = Self.cannotStart
        }
        log.flush(milliseconds: 500)
        Glibc.exit(status)
    }

    // MARK: What was asked for

    /// What was typed, with the two dashes in front of the command of a `run` that were left away:
    /// from there on nothing is ours.
    static func dashed(_ arguments: [String]) -> [String] {
        guard arguments.first == "run", let parsed = try? parse(Array(arguments.dropFirst())),
            let first = parsed.command.first, !first.hasPrefix("-")
        else { return arguments }
        return arguments.dropLast(parsed.command.count) + ["--"] + parsed.command
    }

    /// Free ports and no words of its own, unless they are asked for.
    static func options(_ typed: ServeOptions) -> ServeOptions {
        var options = typed
        options.servers.ports = typed.servers.ports ?? "0"
        // Of several runs at once each has a control port.
        if typed.servers.ports == "off" { options.control.control = typed.control.control ?? "0" }
        if !typed.output.verbose, typed.output.logFormat == .auto { options.output.quiet = true }
        return options
    }

    /// Without the `--` in front of it.
    private func checkedCommand() throws -> [String] {
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        guard let first = words.first else {
            throw OptionValues.usage(
                "there is no command to run. Write it behind two dashes: flagserver run -- pytest")
        }
        guard command.first == "--" || !first.hasPrefix("-") else { throw Self.leftOver(first) }
        return words
    }

    /// The parser leaves all that is no option of ours to the command, the requests for help too.
    private static func leftOver(_ word: String) -> any Error {
        switch word {
        case "-h", "--help": CleanExit.helpRequest(Self.self)
        case "--version": CleanExit.message(Banner.version)
        default:
            UnknownOption.refusal(
                String(word.prefix { $0 != "=" }), "run ",
                more: "; a command of that name stands behind two dashes")
        }
    }

    /// Those that only `run` has, with their hyphens.
    static let words = ["--expect"]

    private func expectations() throws -> [Expectation] {
        guard expect.isEmpty else { return try expect.map { try Expectation($0) } }
        return try Self.environmentTwin.map { text in
            do {
                return try Expectation(text)
            } catch let error as CommandLineError {
                let twin = EnvironmentTwins.twin(of: "expect")
                throw OptionValues.usage(
                    OptionWords.renamed(error.reason, "expect", twin) ?? error.reason)
            }
        }
    }

    /// Of `--expect`, with `;` between them as in the others.
    private static var environmentTwin: [String] {
        let text = getenv(EnvironmentTwins.twin(of: "expect")).map { String(cString: $0) } ?? ""
        return text.split(separator: ";").map(\.trimmed)
    }
}
