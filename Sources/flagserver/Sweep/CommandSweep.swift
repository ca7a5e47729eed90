import ArgumentParser
import EventLoop
import Faults
import Glibc
import Records
import Sweeping

/// `flagserver sweep -- CMD -m {}`: the user's own downloader with each number, judged by what the
/// servers saw.
struct CommandSweep: TakesServeOptions {
    static let usage = "usage: flagserver sweep [-h] [-m LIST] [<options>] -- CMD ... {} ..."

    static let configuration = CommandConfiguration(
        commandName: SweepCommand.name,
        abstract: "Find how many downloads at once get the most out of a server.",
        usage: String(usage.dropFirst("usage: ".count)),
        discussion: """
            EXAMPLES:
              flagserver sweep -m 1,2,4,8,16 -- python flags2_asyncio.py -s DELAY -m {}
              flagserver sweep --max-concurrency 8 --over-limit queue -- python dl.py {}
              flagserver sweep -s DELAY          without a command: what 'flagget sweep' does

            The command runs with each number in the place of {}, up to three times,
            with servers as in 'flagserver run'. Rate, times, errors and the peak are
            those of the servers' own records; what the command writes is not shown.
            No further run begins when --budget is spent.

            EXIT STATUS: 0; 1 if nothing succeeded or a file cannot be written; 2 wrong
            usage of the sweep, 64 of the servers; 125 the servers could not start, 126 and
            127 the command could not.
            """)

    @OptionGroup(title: "Servers") var servers: ServerOptions
    @OptionGroup(title: "Delay, error and chaos") var faults: FaultOptions
    @OptionGroup(title: "Proxies") var proxies: ProxyOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Control") var control: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Sweep") var sweep: SweepOptions

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The command, with {} for the number.", valueName: "cmd"))
    var command: [String] = []

    func run(_ sources: OptionSources) throws {
        try StandardDescriptors.open()
        let files = ChildProcess.openFileLimit  // before ours is raised
        let log = LogWriter(descriptor: STDERR_FILENO)
        let status: Int32
        do {
            let words = try checkedCommand()
            let settings = try Settings(Run.options(options), sources)
            let session = try CommandSweepSession(
                settings, sources, words, search: try sweep.search(seed: settings.seed),
                budget: try sweep.time(), SweepScreen(sweep, unit: "downloads"), files: files,
                log: log)
            status = try session.run()
        } catch let error as GetUsageError {
            StandardError.write(error.text(usage: Self.usage))
            status = GetUsageError.exitStatus
        }
        log.flush(milliseconds: 500)
        Glibc.exit(status)
    }

    /// - Throws: `GetUsageError`, or the request for help.
    private func checkedCommand() throws -> [String] {
        if let first = command.first, first != "--" {
            // The parser leaves the requests for help to the command, too.
            if ["-h", "--help"].contains(first) { throw CleanExit.helpRequest(Self.self) }
            throw GetUsageError("\(first): there is no such option; the command stands behind --")
        }
        let words = Array(command.dropFirst())
        guard !words.isEmpty else {
            throw GetUsageError("there is no command behind the two dashes: -- python dl.py -m {}")
        }
        guard words.contains(where: { $0.contains("{}") }) else {
            throw GetUsageError(
                "the command has no {} for the number of downloads: -- \(words[0]) -m {}")
        }
        return words
    }
}
