import EventLoop
import Faults
import Glibc
import Records
import Sweeping

/// The servers, and a command that runs with one number after the other.
final class CommandSweepSession {
    /// Of each number, unless the time is over.
    private static let runs = 3
    private static let drainTime: UInt64 = 500_000_000

    private let settings: Settings
    private let daemon: FlagServersDaemon
    private let screen: SweepScreen
    private let command: [String]
    private let files: Int?
    private let budget: UInt64
    private let log: LogWriter
    private var search: ConcurrencySearch
    private var concurrency = 0
    private var tally = RunTally()
    private var tallies: [RunTally] = []
    private var rows: [SweepRow] = []
    private var running: RunningCommand?
    private var (start, rowStart): (UInt64, UInt64) = (0, 0)
    private var status: Int32?
    private var trouble: (any Error)?
    private var isInterrupted = false

    private var loop: EventLoop { daemon.supervisor.loop }

    /// Binds everything.
    ///
    /// - Parameter budget: in nanoseconds.
    /// - Throws: `CommandLineError` or `EventLoopError`.
    init(
        _ settings: Settings, _ sources: OptionSources, _ command: [String],
        search: ConcurrencySearch, budget: UInt64, _ screen: SweepScreen, files: Int?,
        log: LogWriter
    ) throws {
        (self.settings, self.command, self.search) = (settings, command, search)
        (self.budget, self.screen, self.files, self.log) = (budget, screen, files, log)
        daemon = try FlagServersDaemon(settings, sources, log: log)
        daemon.hear { [unowned self] in tally.note($0) }
        try daemon.open()
    }

    /// - Returns: the exit status.
    /// - Throws: `CommandLineError` for an output that cannot be written.
    func run() throws -> Int32 {
        let supervisor = daemon.supervisor
        var actions: [Int32: () -> Void] = [:]
        for number in [SIGCHLD, SIGCONT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGINT] {
            actions[number] = { [unowned self] in
                if number == SIGINT || number == SIGTERM { isInterrupted = true }
                running?.signalActions[number]?()
            }
        }
        supervisor.onSignal = actions
        start = loop.now
        try screen.tell(
            "Sweeping \(command.joined(separator: " ").printable) for about "
                + "\(budget / 1_000_000_000) s.\n")
        beginRow()
        do throws(EventLoopError) {
            try daemon.serve()
        } catch {
            running?.kill()
            throw error
        }
        if let trouble { throw trouble }
        if let status { return status }
        guard !rows.isEmpty else { return isInterrupted ? GetExit.interrupted : 125 }
        let report = SweepReport(
            name: command[0].printable, unit: "downloads", rows: rows, seed: settings.seed)
        try screen.show(report)
        return isInterrupted ? GetExit.interrupted : report.recommended == nil ? 1 : 0
    }

    // MARK: Rows

    private var isTimeOver: Bool { loop.now - start >= budget }

    /// What is left of the time is divided among the numbers that are left.
    private var isRowOver: Bool {
        let spent = rowStart - start
        let rowsLeft = UInt64(max(search.expectedRows - rows.count, 1))
        return loop.now - rowStart >= (spent < budget ? budget - spent : 0) / rowsLeft
    }

    private func beginRow() {
        guard !isInterrupted, !isTimeOver, let next = search.next() else { return stop() }
        (concurrency, tallies, rowStart) = (next, [], loop.now)
        beginRun()
    }

    private func stop() { daemon.supervisor.stop(grace: Self.drainTime) }

    private func beginRun() {
        tally = RunTally()
        let words = command.map { word in
            Array(word.replacing("{}", with: "\(concurrency)").utf8CString)
        }
        let environment = RunEnvironment.variables(
            inherited: ChildProcess.inheritedEnvironment, places: daemon.places,
            seed: settings.seed, token: nil)
        var program = ChildProcess.Program(arguments: words, environment: environment)
        program.openFileLimit = files
        if let null = Self.null { program.streams = [null, null, null] }
        let running = RunningCommand(
            program, grace: settings.grace, on: loop,
            warn: { [log] in log.write("warning: \($0)\n") }
        ) { [unowned self] in ended($0) }
        self.running = running
        running.startSoon()
    }

    private static let null: Int32? = {
        let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
        return descriptor > 2 ? descriptor : nil
    }()

    private func ended(_ outcome: RunningCommand.Outcome) {
        if case .failed(let failure) = outcome {
            let (status, reason) = RunSession.refusal(failure, command[0])
            log.write("error: \(reason)\n")
            self.status = status
            return stop()
        }
        if outcome != .ended(.exited(0)), !isInterrupted, tallies.isEmpty { tellFailure() }
        if isInterrupted { return stop() }
        tallies.append(tally)
        guard tallies.count < Self.runs, !isRowOver else { return endRow() }
        beginRun()
    }

    /// It is judged by the record all the same: downloaders fail where they meet errors.
    private func tellFailure() {
        let words = command.joined(separator: " ").replacing("{}", with: "\(concurrency)")
        log.write("note: this command failed; run it in 'flagserver run' to see why: ")
        log.write("\(words.printable)\n")
    }

    private func endRow() {
        let row = RunTally.row(tallies, concurrency: concurrency)
        rows.append(row)
        search.note(row)
        do {
            try screen.show(row)
            beginRow()
        } catch {
            trouble = error
            stop()
        }
    }
}
