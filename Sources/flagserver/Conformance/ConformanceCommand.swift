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

    @OptionGroup var options: ConformanceOptions

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The downloader with its arguments.", valueName: "cmd"))
    var command: [String] = []

    /// Failures before the first case.
    private static let cannotStart: Int32 = 125

    // MARK: Running

    mutating func run() throws {
        // The parser leaves all that is no option of ours to the command.
        if command.first == CompareReports.name {
            var compare = try CompareReports.parseAsRoot(Array(command.dropFirst()))
            return try compare.run()
        }
        let all = CaseCatalogue.all
        if options.list {
            let chosen = try CaseSelection(patterns: options.pattern).chosen(from: all)
            return try StandardOutput.write(CaseCatalogue.list(chosen))
        }
        try options.addTwins(EnvironmentTwins.value)
        try StandardDescriptors.open()
        if let name = options.serve {
            return try CaseServing(try CaseSelection.one(name, of: all), options.seed()).run()
        }
        let files = ChildProcess.openFileLimit  // before ours is raised
        let command = CommandTemplate(try checkedCommand())
        Glibc.exit(try judge(try options.plan(command, all), openFiles: files))
    }

    /// - Returns: the exit status.
    private func judge(_ plan: ConformancePlan, openFiles: Int?) throws -> Int32 {
        let known = try options.knownDifferences(CaseCatalogue.all)
        let reports = try options.report.map { try ReportFile($0) }
        for file in reports { try file.check() }
        let ground: CaseGround
        do {
            ground = try CaseGround(seed: plan.seed, openFiles: openFiles)
        } catch let error as EventLoopError {
            StandardError.write("error: \(error)\n")
            return Self.cannotStart
        }
        do {
            let session = ConformanceSession(plan, ground, Self.progress)
            return try finish(session.run(), known, reports)
        } catch let error as CommandLineError where error.status == .failure {
            StandardError.write("\(error.line)\n")
            return Self.cannotStart
        }
    }

    private func finish(
        _ outcome: ConformanceSession.Outcome?, _ known: KnownDifferences, _ files: [ReportFile]
    ) throws -> Int32 {
        switch outcome {
        case .refused(let reason)?:
            StandardError.write("error: the command cannot fetch a plain file: \(reason)\n")
            return Self.cannotStart
        case .interrupted(let signal)?: return 128 + signal
        case nil: return Self.cannotStart
        case .report(let report)?:
            let width = TerminalWidth.columns(of: STDOUT_FILENO)
            let table = ReportTable(
                report: report, known: known, isStrict: options.strict, width: width)
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
        case .xml: ReportXML.text(report, known: known, isStrict: options.strict)
        case .html: ReportHTML.text([report])
        case .md: ReportMarkdown.text(report, isStrict: options.strict)
        }
    }

    private static var progress: ConformanceProgress {
        ConformanceProgress(
            isTerminal: isatty(STDERR_FILENO) == 1,
            width: { TerminalWidth.columns(of: STDERR_FILENO) ?? TerminalWidth.standard },
            write: StandardError.write)
    }

    // MARK: What was asked for

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
}
