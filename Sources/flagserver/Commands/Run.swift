import ArgumentParser
import ChaosProxy
import EventLoop
import Faults
import Glibc
import Records

/// `flagserver run -- CMD…`: the servers for as long as a command runs, and its exit status.
struct Run: TakesServeOptions {
    static let configuration = CommandConfiguration(
        abstract: "Start the servers, run a command, stop, and exit with its status.",
        discussion: """
            EXAMPLES:
              flagserver run --seed 42 -- pytest -q
              flagserver run --edition 1e -- python flags2_asyncio.py -s ERROR -a
              flagserver run --edition 2e -- python flags2_asyncio.py -s ERROR -a
              flagserver run --max-concurrency 5 --expect 'peak_concurrency<=5' \\
                --expect 'refused==0' --timeout 60s -- python my_downloader.py

            The servers listen before the command starts: on free ports, or on the
            fixed ones of an --edition that is named, or as --ports says; the control
            port on a free one. The command finds them in FLAGS_LOCAL_URL,
            FLAGS_DELAY_URL, FLAGS_ERROR_URL, FLAGS_CHAOS_URL
            (http://localhost:40123/flags), FLAGS_FAULT_URL (without /flags: a
            fault comes first), FLAGS_CONTROL_URL, TOXIPROXY_URL and FLAGSERVER_SEED;
            with --dns the name server in FLAGS_DNS_ADDRESS (127.0.0.1:40124).
            Signals are passed on to it; after SIGTERM or SIGINT it has the time of
            --grace. What it leaves behind is ended. If it fails, the seed, the last
            exchanges and a table of the servers are told.

            EXPECTATIONS:
              <measure><op><n>, with requests, errors (injected), refused, not_found,
              unplanned_errors, gave_up (left while something was held back),
              peak_concurrency or peak_connections, and <=, >=, ==, !=, < or >: over
              the flag servers but FAULT (for peaks their maximum), or of one proxy:
              'error.peak_concurrency<=5', 'fault.requests>=1'. They judge the whole
              run: what /reset does, and proxies that are made or deleted in between,
              change nothing. Of one that fails, the exchanges that broke it are
              listed, 20 at most.

            EXIT STATUS: the command's; 128+n if signal n ended it; 1 if an
            expectation does not hold; 64 wrong usage, 70 the servers could not go
            on, 124 it took longer than --timeout, 125 they could not start, 126 the
            command cannot be executed, 127 there is no such command.
            """)

    @OptionGroup(title: "Servers") var servers: ServerOptions
    @OptionGroup(title: "Delay, error and chaos") var faults: FaultOptions
    @OptionGroup(title: "Proxies") var proxies: ProxyOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Control") var control: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What must hold at the end, 'refused==0', or the exit status is 1; repeatable.",
            valueName: "measure op n"))
    var expect: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long the command may take: then it gets SIGTERM, after --grace SIGKILL, and the "
                + "exit status is 124 (default: any time).", valueName: "time"))
    var timeout: String?

    @Flag(help: "Hand the control port's token to the command, in FLAGSERVER_CONTROL_TOKEN.")
    var passControlToken = false

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The command with its arguments.", valueName: "cmd"))
    var command: [String] = []

    /// Failures of ours before the command has run.
    private static let cannotStart: Int32 = 125

    func run(_ sources: OptionSources) throws {
        try StandardDescriptors.open()
        let files = ChildProcess.openFileLimit  // before ours is raised
        let command = try checkedCommand()
        let settings = try Settings(Self.options(options), sources)
        let terms = try RunTerms(
            expectations: expectations(), timeout: limit(), passesToken: passesToken(),
            isSilent: options.output.quiet)
        guard !terms.passesToken || settings.control.token != nil && settings.control.port != nil
        else {
            throw OptionValues.usage(
                "--pass-control-token has no token to pass. Give one with --control-token, and "
                    + "leave the control port on.")
        }
        let log = LogWriter(descriptor: STDERR_FILENO)
        let status: Int32
        do {
            let session = try RunSession(settings, sources, terms, log: log)
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
    ///
    /// - Parameter typed: as many words, of which nothing was changed.
    static func dashed(_ arguments: [String], typed: [String]) -> [String] {
        guard arguments.first == "run", let parsed = try? parse(Array(arguments.dropFirst())),
            let first = parsed.command.first, !first.hasPrefix("-")
        else { return arguments }
        let count = parsed.command.count
        return arguments.dropLast(count) + ["--"] + typed.suffix(count)
    }

    /// Free ports and no words of its own, unless they are asked for. An edition that is named
    /// asks for its own ports: the book's scripts know no others.
    static func options(_ typed: ServeOptions) -> ServeOptions {
        var options = typed
        if typed.servers.ports == nil || typed.servers.ports == "off" {
            // Of several runs at once each has a control port.
            options.control.control = typed.control.control ?? "0"
        }
        if typed.servers.ports == nil, typed.servers.namedEdition == nil {
            options.servers.ports = "0"
        }
        if typed.servers.dns == "on" { options.servers.dns = "0" }
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
    static let words = ["--expect", "--timeout", "--pass-control-token"]

    private func expectations() throws -> [Expectation] {
        guard expect.isEmpty else { return try expect.map { try Expectation($0) } }
        // With `;` between them as in the others.
        return try Self.twin(of: "expect").split(separator: ";").map(\.trimmed).map { text in
            do {
                return try Expectation(text)
            } catch let error as CommandLineError {
                let twin = EnvironmentTwins.twin(of: "expect")
                throw OptionValues.usage(
                    OptionWords.renamed(error.reason, "expect", twin) ?? error.reason)
            }
        }
    }

    /// - Returns: nil if it may take any time.
    private func limit() throws -> Nanoseconds? {
        let twin = Self.twin(of: "timeout")
        guard let text = timeout ?? (twin.isEmpty ? nil : twin) else { return nil }
        let time = try OptionValues.time(text, option: "--timeout")
        guard time > 0 else {
            throw OptionValues.usage(
                "--timeout \(text) would end the command at once. Leave it out for no limit.")
        }
        return time
    }

    private func passesToken() throws -> Bool {
        if passControlToken { return true }
        let twin = Self.twin(of: "pass-control-token")
        return try !twin.isEmpty && EnvironmentTwins.isOn(twin, flag: "pass-control-token")
    }

    /// The value of the environment's twin of an option that `run` alone has; empty if there is
    /// none.
    private static func twin(of option: String) -> String {
        EnvironmentTwins.value(of: option)
    }
}
