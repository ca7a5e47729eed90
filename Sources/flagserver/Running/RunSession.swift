import ChaosProxy
import EventLoop
import Glibc
import Records

/// The servers and the command of one `flagserver run`, and the judgement on them.
final class RunSession {
    /// How long answers may still be delivered when the command has gone, in nanoseconds: whoever
    /// asked for them has gone with it.
    private static let drainTime: UInt64 = 500_000_000

    private let settings: Settings
    private let expectations: [Expectation]
    private let log: LogWriter
    private let daemon: FlagServersDaemon
    private let report: FailureReport
    private var outcome: RunningCommand.Outcome?

    /// Binds everything.
    ///
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(
        _ settings: Settings, _ sources: OptionSources, _ expectations: [Expectation],
        log: LogWriter
    ) throws {
        (self.settings, self.expectations, self.log) = (settings, expectations, log)
        daemon = try FlagServersDaemon(settings, sources, log: log)
        let isGrouped = getenv("GITHUB_ACTIONS").map { String(cString: $0) == "true" } ?? false
        report = FailureReport(seed: settings.seed, isGrouped: isGrouped)
        daemon.hear { [report] in report.note($0) }
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
            seed: settings.seed)
        var program = ChildProcess.Program(arguments: arguments, environment: environment)
        program.openFileLimit = files
        let supervisor = daemon.supervisor
        let running = RunningCommand(
            program, grace: settings.grace, on: supervisor.loop,
            warn: { [log] in log.write("warning: \($0)\n") }
        ) { [unowned self] outcome in
            self.outcome = outcome
            supervisor.stop(grace: Self.drainTime)
        }
        supervisor.onSignal = running.signalActions
        running.startSoon()
        daemon.serve()
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
        case .ended(let change)?:
            if change != .exited(0) { log.write(report.text(command, change)) }
            let figures = daemon.figures
            let failures = expectations.compactMap { $0.failure(figures) }
            for failure in failures { log.write("error: \(failure)\n") }
            if !failures.isEmpty, let note = Self.note(daemon.resets) {
                log.write("note: \(note)\n")
            }
            let status = Self.status(change)
            return status == 0 && !failures.isEmpty ? 1 : status
        case nil: return 125  // ended otherwise than by us
        }
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
