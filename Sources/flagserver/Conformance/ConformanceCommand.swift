import ArgumentParser
import EventLoop
import Faults
import Glibc

/// `flagserver conformance -- CMD…`: every fault by name, and what a client does on it.
struct ConformanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Run a downloader against every fault, and say what it makes of each.",
        discussion: """
            EXAMPLES:
              flagserver conformance -- curl -fsSL --compressed -o {out} {url}
              flagserver conformance -- python get.py {url} {out} {url2} {out2}
              flagserver conformance -k 'body/*' --report r.html -- curl -fsSo {out} {url}
              flagserver conformance --known known.txt --report junit.xml -- ./get {url} {out}
              flagserver conformance --list
              flagserver conformance --serve body/truncate      for use by hand
              flagserver conformance compare curl.json wget.json --report all.html

            CMD runs once for each case, in a fresh folder, against servers of its own.
            {url} is what it has to fetch and {out} where to save it (without {out} what
            it prints is the file). {url2} and {out2}, for a second request on the same
            connection, are needed by the cases of reuse. Its exit status, the bytes that
            it saved and our own record give the outcome:

              correct recovered        right bytes, exit 0; by one attempt, or more
              reported                 an error, nothing wrong kept
              reported-left-partial    an error, but a wrong file under the final name
              SILENT                   exit 0 with wrong bytes, or none
              hung crashed             over --timeout; died of a signal
              unsupported harness      exit 89; it lacks what the case needs

            A plain download is tried first, and has to be right. Files of this folder
            that stand in CMD are found from the fresh one. CMD gets no standard input,
            and no *_proxy variables; what it leaves behind is ended.

            --known FILE has a case and a reason a line, # begins a comment.

            EXIT STATUS: 0 nothing unexpected, 1 findings, 64 wrong usage, 78 a file with
            a mistake, 125 the plain download is not right, or nothing could start.
            """,
        subcommands: [CompareReports.self])

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

    @Option(help: ArgumentHelp("How long each command may take.", valueName: "time"))
    var timeout = Self.standardTimeout

    @Option(help: ArgumentHelp("Differences that are known, with reasons.", valueName: "file"))
    var known: String?

    @Flag(help: "Each case also cut at each boundary of the head, and byte by byte.")
    var thorough = false

    @Flag(help: "A wrong file is a finding even if an error was reported.")
    var strict = false

    @Option(help: ArgumentHelp("What the client is called in reports.", valueName: "name"))
    var client: String?

    @Option(
        help: ArgumentHelp(
            "Write a report, by the end of its name: .json, .xml (JUnit), .html, .md; repeatable.",
            valueName: "file"))
    var report: [String] = []

    @Option(help: ArgumentHelp("Same seed, same bytes.", valueName: "n"))
    var seed: UInt64 = Self.standardSeed

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The downloader with its arguments.", valueName: "cmd"))
    var command: [String] = []

    private static let standardTimeout = "5s"
    private static let standardSeed: UInt64 = 1
    private static let maximumJobs = 64
    /// Failures before the first case.
    private static let cannotStart: Int32 = 125

    // MARK: Running

    func run() throws {
        let all = CaseCatalogue.all
        if list {
            let chosen = try CaseSelection(patterns: pattern).chosen(from: all)
            return try StandardOutput.write(CaseCatalogue.list(chosen))
        }
        StandardDescriptors.open()
        if let serve { return try CaseServing(try CaseSelection.one(serve, of: all), seed).run() }
        let files = ChildProcess.openFileLimit  // before ours is raised
        let plan = try plan(all)
        let differences = try knownDifferences(all)
        let reports = try report.map { try ReportFile($0) }
        let status: Int32
        do {
            let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            let ground = try CaseGround(
                seed: seed, openFiles: files, temporary: temporary.isEmpty ? "/tmp" : temporary)
            let session = ConformanceSession(plan, ground, Self.progress)
            status = try finish(session.run(), differences, reports)
        } catch let error as CommandLineError where error.status == .failure {
            Self.tell("\(error.line)\n")
            status = Self.cannotStart
        } catch let error as EventLoopError {
            Self.tell("error: \(error)\n")
            status = Self.cannotStart
        }
        Glibc.exit(status)
    }

    private func finish(
        _ outcome: ConformanceSession.Outcome?, _ known: KnownDifferences, _ files: [ReportFile]
    ) throws -> Int32 {
        switch outcome {
        case .refused(let reason)?:
            Self.tell("error: the command cannot fetch a plain file: \(reason)\n")
            return Self.cannotStart
        case .interrupted(let signal)?: return 128 + signal
        case nil: return Self.cannotStart
        case .report(let report)?:
            let width = TerminalWidth.columns(of: STDOUT_FILENO)
            let table = ReportTable(
                report: report, known: known, isStrict: strict, width: width)
            try StandardOutput.write(table.text)
            for file in files { try file.write(text(report, known, file.format)) }
            return table.findings.isEmpty ? 0 : 1
        }
    }

    private func text(
        _ report: ConformanceReport, _ known: KnownDifferences, _ format: ReportFile.Format
    ) -> String {
        switch format {
        case .json: ReportJSON.text(report)
        case .xml: ReportXML.text(report, known: known, isStrict: strict)
        case .html: ReportHTML.text([report])
        case .md: ReportMarkdown.text(report, isStrict: strict)
        }
    }

    private static var progress: ConformanceProgress {
        ConformanceProgress(
            isTerminal: isatty(STDERR_FILENO) == 1,
            width: { TerminalWidth.columns(of: STDERR_FILENO) ?? TerminalWidth.standard },
            write: tell)
    }

    private static func tell(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    // MARK: What was asked for

    private func plan(_ all: [ConformanceCase]) throws -> ConformancePlan {
        let cases = thorough ? all.flatMap(\.deliveries) : all
        let limit = try OptionValues.time(timeout, option: "--timeout")
        guard (10_000_000...3_600_000_000_000).contains(limit) else {
            throw OptionValues.usage("--timeout \(timeout) is no time from 10ms to 1h.")
        }
        return ConformancePlan(
            command: CommandTemplate(try checkedCommand()),
            cases: try CaseSelection(patterns: pattern).chosen(from: cases), seed: seed,
            jobs: try jobCount(), limit: limit, isStrict: strict, client: client,
            rerunWords: rerunWords)
    }

    private func jobCount() throws -> Int {
        guard let jobs else {
            return min(max(2 * sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), Self.maximumJobs)
        }
        return try OptionValues.count(jobs, 1...Self.maximumJobs, option: "--jobs")
    }

    private var rerunWords: [String] {
        (seed == Self.standardSeed ? [] : ["--seed", "\(seed)"])
            + (timeout == Self.standardTimeout ? [] : ["--timeout", timeout])
            + (strict ? ["--strict"] : [])
    }

    private func checkedCommand() throws -> [String] {
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        guard let first = words.first else {
            throw OptionValues.usage(
                "there is no command to try. Write it behind two dashes: flagserver conformance "
                    + "-- curl -fsS -o {out} {url}")
        }
        guard command.first == "--" || !first.hasPrefix("-") else {
            switch first {
            case "-h", "--help": throw CleanExit.helpRequest(Self.self)
            default:
                let word = String(first.prefix { $0 != "=" })
                throw OptionValues.usage(
                    "unknown option '\(word)'.\(Suggestion.hint(for: word, in: Self.words)) "
                        + "'flagserver conformance --help' lists all; a command of that name "
                        + "stands behind two dashes.")
            }
        }
        return words
    }

    /// Its options, with their hyphens.
    private static let words = [
        "-k", "--list", "--serve", "--jobs", "--timeout", "--known", "--thorough", "--strict",
        "--client", "--report", "--seed", "--help",
    ]

    private func knownDifferences(_ all: [ConformanceCase]) throws -> KnownDifferences {
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
