import ChaosProxy
import EventLoop
import Faults
import Glibc

/// The command of `flagserver run`, from its start until nothing of it is left. Loop thread only.
final class RunningCommand {
    /// How its life went.
    enum Outcome: Equatable {
        case ended(ChildProcess.Change)
        /// It had to be ended, for its time was over.
        case timedOut(ChildProcess.Change)
        /// It was never started.
        case failed(ChildProcess.Failure)
    }

    /// Passed on to the command. After the first two it has the grace time, and then no more.
    private static let forwarded = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]

    private let program: ChildProcess.Program
    private let loop: EventLoop
    private let grace: Nanoseconds
    private let timeout: Nanoseconds?
    private let terminal = Terminal()
    private let onEnd: (Outcome) -> Void
    private let warn: (String) -> Void
    private var child: ChildProcess?
    /// Whoever has become this program by `exec` may have had children.
    private let earlier = Remains.children()
    private var hasTerminal = false
    private var isStopped = false
    /// Whether it was asked to end.
    private var isEnding = false
    private var outcome: Outcome?
    private var timer: Timer?
    /// Ends what takes longer than it may.
    private var limit: Timer?
    private var isLate = false
    private var remains: Remains?

    /// - Parameters:
    ///   - grace: from the first SIGTERM or SIGINT to SIGKILL, in nanoseconds.
    ///   - timeout: from its start to SIGTERM, in nanoseconds; nil: any time.
    ///   - warn: gets what went wrong, as a sentence.
    ///   - onEnd: called once, when the command and all that it has started have ended.
    init(
        _ program: ChildProcess.Program, grace: Nanoseconds, timeout: Nanoseconds? = nil,
        on loop: EventLoop, warn: @escaping (String) -> Void, onEnd: @escaping (Outcome) -> Void
    ) {
        (self.program, self.grace, self.timeout, self.loop) = (program, grace, timeout, loop)
        (self.warn, self.onEnd) = (warn, onEnd)
    }

    /// What is to be done on which signal, from before the start on.
    var signalActions: [Int32: () -> Void] {
        var actions: [Int32: () -> Void] = [
            SIGCHLD: { [unowned self] in look() }, SIGCONT: { [unowned self] in goOn() },
        ]
        for number in Self.forwarded { actions[number] = { [unowned self] in forward(number) } }
        return actions
    }

    /// Ends it and what it has started in its process group, without a loop that could wait.
    func kill() { child?.signalGroup(SIGKILL) }

    /// Starts it once the loop runs.
    func startSoon() {
        let timer = Timer(on: loop) { [unowned self] in start() }
        self.timer = timer
        timer.schedule(after: 0)
    }

    private func start() {
        guard outcome == nil else { return }
        var program = program
        if let terminal, terminal.isOurs, !terminal.isShared {
            program.terminal = terminal.descriptor
            hasTerminal = true
        }
        do throws(ChildProcess.Failure) {
            child = try ChildProcess(program, adoptsOrphans: true)
        } catch {
            // It had the terminal already when it turned out to be no program.
            if hasTerminal { terminal?.takeBack() }
            return end(.failed(error))
        }
        watchTime()
    }

    private func watchTime() {
        guard let timeout else { return }
        let limit = Timer(on: loop) { [unowned self] in timeIsOver() }
        self.limit = limit
        limit.schedule(after: timeout)
    }

    private func timeIsOver() {
        // Asked to end already, it has the time that it was given then.
        guard !isEnding else { return }
        isLate = true
        forward(SIGTERM)
    }

    /// Something has become of the command, or of an orphan.
    private func look() {
        while let change = child?.nextChange() { changed(change) }
    }

    // MARK: Signals

    private func forward(_ number: Int32) {
        guard outcome == nil else { return }
        guard let child else { return end(.ended(.killed(signal: number))) }
        child.signalGroup(number)
        guard number == SIGTERM || number == SIGINT else { return }
        child.signalGroup(SIGCONT)  // one that is stopped could not obey
        guard !isEnding else { return child.signalGroup(SIGKILL) }
        isEnding = true
        let timer = Timer(on: loop) { [unowned self] in self.child?.signalGroup(SIGKILL) }
        self.timer = timer
        timer.schedule(after: grace)
    }

    // MARK: The terminal

    /// Reading or setting a terminal that is not its own stops it: if we have it, it is lent. Else,
    /// and at Ctrl-Z, we stop as it has, so that the shell takes over.
    private func stopped(_ number: Int32) {
        guard let terminal, let child else { return }
        let wantsTerminal = number == SIGTTIN || number == SIGTTOU
        if wantsTerminal, terminal.isOurs, lend() {
            return child.signalGroup(SIGCONT)
        }
        guard wantsTerminal || hasTerminal else { return }
        takeBack()
        isStopped = true
        Glibc.kill(0, SIGTSTP)  // all of our group, as the terminal would
    }

    /// The shell has brought us back: to the foreground, or to the background.
    private func goOn() {
        guard isStopped, let terminal, let child else { return }
        isStopped = false
        if terminal.isOurs { _ = lend() }  // it stops again, and so do we
        child.signalGroup(SIGCONT)
    }

    /// - Returns: whether it has it now: one that has not would be stopped again and again.
    private func lend() -> Bool {
        guard let child, let terminal, terminal.lend(to: child.processID) else { return false }
        hasTerminal = true
        return true
    }

    private func takeBack() {
        guard hasTerminal, let child else { return }
        hasTerminal = false
        terminal?.takeBack(from: child.processID)
    }

    // MARK: The end

    private func changed(_ change: ChildProcess.Change) {
        if case .stopped(let number) = change { return stopped(number) }
        guard let child, outcome == nil else { return }
        (timer, limit) = (nil, nil)
        let outcome = isLate ? Outcome.timedOut(change) : .ended(change)
        self.outcome = outcome
        remains = Remains(of: child.processID, sparing: earlier, on: loop) {
            [unowned self] isDone in
            if !isDone { warn("some of the command's processes could not be ended") }
            end(outcome)
        }
    }

    private func end(_ outcome: Outcome) {
        self.outcome = outcome
        (timer, limit) = (nil, nil)
        takeBack()
        onEnd(outcome)
    }
}
