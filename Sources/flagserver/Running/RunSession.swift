import ChaosProxy
import EventLoop
import Faults
import Glibc
import Records

/// The servers and the command of one `flagserver run`, and the judgement on them.
final class RunSession {
    /// How long answers may still be delivered when the command has gone, in nanoseconds: whoever
    /// asked for them has gone with it.
    private static let drainTime: UInt64 = 500_000_000

    private let settings: Settings
    private let terms: RunTerms
    private let log: LogWriter
    private let daemon: FlagServersDaemon
    private let report: FailureReport
    private let evidence: [ExpectationEvidence]
    private var outcome: RunningCommand.Outcome?

    /// Binds everything.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(
        _ settings: Settings, _ sources: OptionSources, _ terms: RunTerms, log: LogWriter
    ) throws {
        (self.settings, self.terms, self.log) = (settings, terms, log)
        evidence = terms.expectations.map(ExpectationEvidence.init)
        daemon = try FlagServersDaemon(settings, sources, log: log)
        let isGrouped = getenv("GITHUB_ACTIONS").map { String(cString: $0) == "true" } ?? false
        report = FailureReport(seed: settings.seed, isGrouped: isGrouped)
        daemon.hear { [report] in report.note($0) }
        for evidence in evidence { daemon.hear { evidence.note($0) } }
        try daemon.open()
    }

    /// Runs the command to its end.
    ///
    /// - Parameters:
    ///   - arguments: the words of the command, in C.
    ///   - files: its soft limit of open descriptors.
    /// - Returns: the exit status that the run deserves.
    func run(_ command: [String], arguments: [[CChar]], files: Int?) -> Int32 {
        let environment = RunEnvironment.variables(
            inherited: ChildProcess.inheritedEnvironment, places: daemon.places,
            seed: settings.seed, token: terms.passesToken ? settings.control.token : nil)
        var program = ChildProcess.Program(arguments: arguments, environment: environment)
        program.openFileLimit = files
        let resolver = daemon.nameServer.map { proxy in
            CommandResolver(proxy, daemon.registry) { [log] in log.write("note: \($0)\n") }
        }
        program.resolver = resolver?.file
        defer { resolver?.remove() }
        let supervisor = daemon.supervisor
        let running = RunningCommand(
            program, grace: settings.grace, timeout: terms.timeout, on: supervisor.loop,
            warn: { [log] in log.write("warning: \($0)\n") }
        ) { [unowned self] outcome in
            self.outcome = outcome
            supervisor.stop(grace: Self.drainTime)
        }
        supervisor.onSignal = running.signalActions
        running.startSoon()
        do throws(EventLoopError) {
            try daemon.serve()
        } catch {
            running.kill()
            log.write(error.lastWords)
            return EventLoopError.exitStatus
        }
        return withExtendedLifetime(running) { judge(command[0]) }
    }

    // MARK: The judgement

    /// Tells what is to be told.
    private func judge(_ command: String) -> Int32 {
        switch outcome {
        case .failed(let failure)?:
            let (status, reason) = Self.refusal(failure, command)
            log.write("error: \(reason)\n")
            return status
        case .timedOut(let change)?:
            let time = Notation.readable(terms.timeout ?? 0)
            log.write("error: \(command) took longer than --timeout \(time) and was ended.\n")
            log.write(report.text(command, change, isLate: true, width: daemon.width))
            return judge(status: 124)
        case .ended(let change)?:
            if change != .exited(0) { log.write(report.text(command, change, width: daemon.width)) }
            return judge(status: Self.status(change))
        case nil: return 125  // ended otherwise than by us
        }
    }

    /// - Parameter status: the command's.
    private func judge(status: Int32) -> Int32 {
        let width = TerminalWidth.columns(of: STDERR_FILENO)
        if status != 0, !terms.isSilent, !daemon.tellsSummary {
            log.write(SummaryTable.text(daemon.summary, width: width))
        }
        let figures = daemon.figures
        let failed = evidence.compactMap { evidence in
            evidence.expectation.failure(figures).map { (evidence, $0) }
        }
        for (evidence, failure) in failed {
            log.write("error: \(failure)\n\(evidence.text(width: width))")
        }
        if !failed.isEmpty, let note = Self.note(daemon.resets) { log.write("note: \(note)\n") }
        if !failed.isEmpty, daemon.hasFoldedWorlds {
            log.write("note: there were so many worlds that later ones count in sums only.\n")
        }
        if !terms.isSilent, let note = Self.note(figures) { log.write("note: \(note)\n") }
        return status == 0 && !failed.isEmpty ? 1 : status
    }

    /// What is said of a command that has asked nobody for anything; nil of others.
    ///
    /// - Parameter figures: of all servers and proxies.
    static func note(_ figures: [Expectation.Figures]) -> String? {
        let wasAsked = figures.contains {
            $0.counters.requests > 0 || $0.counters.malformed > 0
                || $0.counters.peakConnections > 0
        }
        guard !wasAsked else { return nil }
        return "the command asked no server. The URLs are in FLAGS_*_URL; for fixed ports, which "
            + "the book's scripts need, use --edition or --ports."
    }

    /// What is said of resets in between; nil if there were none.
    static func note(_ resets: (count: Int, underWay: Int)) -> String? {
        guard resets.count > 0 else { return nil }
        let times = resets.count == 1 ? "once" : "\(resets.count) times"
        let underWay =
            switch resets.underWay {
            case 0: ""
            case 1: "; an exchange that was under way counts where it ended"
            case let count: "; \(count) exchanges that were under way count where they ended"
            }
        return "everything was reset \(times); the figures are of the whole run\(underWay)."
    }

    private static func status(_ change: ChildProcess.Change) -> Int32 {
        switch change {
        case .exited(let status): status
        case .killed(let signal), .stopped(let signal): 128 + signal
        }
    }

    /// The exit status of shells, and what to do.
    static func refusal(_ failure: ChildProcess.Failure, _ command: String) -> (Int32, String) {
        switch failure {
        case .system(let errno): (125, "cannot start a process: \(text(errno)).")
        case .program(ENOENT): (127, "cannot run '\(command)': \(whyMissing(command))")
        case .program(let errno): (126, "cannot run '\(command)': \(whyRefused(command, errno))")
        }
    }

    private static func whyMissing(_ command: String) -> String {
        // A whole command line in one word.
        if command.contains(where: { " ;&|<>".contains($0) }), access(command, F_OK) != 0 {
            return "there is no program of that name. For a shell's command line write "
                + "-- sh -c '\(command.replacing("'", with: "'\\''"))'"
        }
        guard command.contains("/") else {
            return "there is no such program in PATH. For one in this folder write ./\(command)"
        }
        return access(command, F_OK) == 0
            ? "its interpreter, named in its first line, does not exist." : "there is no such file."
    }

    private static func whyRefused(_ command: String, _ errno: Int32) -> String {
        var status = stat()
        if stat(command, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return "it is a directory."
        }
        return switch errno {
        case EACCES: "\(text(errno)). Does it need 'chmod +x'?"
        case ENOEXEC: "\(text(errno)). Does its first line lack '#!/bin/sh'?"
        default: "\(text(errno))."
        }
    }

    private static func text(_ errno: Int32) -> String { String(cString: strerror(errno)) }
}
