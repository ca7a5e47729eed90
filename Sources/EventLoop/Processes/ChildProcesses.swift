import Glibc

/// Programs that run side by side, each until nothing of it is left or its time is over. Loop
/// thread only.
///
/// What a program has started is its own: its process group, and descendants that have left the
/// group, which are known by a variable of the program's environment.
public final class ChildProcesses {
    /// How a program went.
    public struct Ending: Equatable, Sendable {
        /// How the program itself ended; never that it has stopped.
        public let change: ChildProcess.Change
        /// Whether it had to be ended, for its time was over.
        public let isLate: Bool
        /// Whether something that it had started was still there when it ended.
        public let hasLeftProcesses: Bool
        /// From its start to its own end.
        public let nanoseconds: UInt64
    }

    private final class Running {
        let child: ChildProcess
        /// A line of the environment that only this program and what it starts have.
        let mark: [CChar]
        let completion: (Ending) -> Void
        var timer: Timer?
        var isLate = false
        var change: ChildProcess.Change?
        var hasLeftProcesses = false
        /// In monotonic nanoseconds.
        let startedAt: UInt64
        var endedAt: UInt64 = 0

        init(
            _ child: ChildProcess, _ mark: [CChar], at now: UInt64,
            _ completion: @escaping (Ending) -> Void
        ) {
            (self.child, self.mark, self.completion) = (child, mark, completion)
            startedAt = now
        }
    }

    /// Between SIGTERM and SIGKILL for one whose time is over.
    private static let patience: UInt64 = 500_000_000
    /// What is not dead this long after SIGKILL, waits for a device that does not answer.
    private static let limit: UInt64 = 2_000_000_000
    private static let interval: UInt64 = 5_000_000
    private static let markName = "FLAGSERVER_TEST_CHILD"

    private let loop: EventLoop
    private let earlier = Remains.children()
    private var running: [Running] = []
    private var startedCount = 0
    /// Orphans that were seen to be of a program of ours.
    private var known: Set<Int32> = []

    public init(on loop: EventLoop) {
        self.loop = loop
        ChildProcess.adoptOrphans()
    }

    /// Starts a program, and waits until it has become it.
    ///
    /// - Parameters:
    ///   - limit: how long it may take, in nanoseconds: then it gets SIGTERM, and SIGKILL soon
    ///     after.
    ///   - completion: called once, on the loop, when nothing of it is left.
    public func start(
        _ program: ChildProcess.Program, limit: UInt64, completion: @escaping (Ending) -> Void
    ) throws(ChildProcess.Failure) {
        startedCount += 1
        let mark = Array("\(Self.markName)=\(getpid()).\(startedCount).".utf8CString)
        var marked = ChildProcess.Program(
            arguments: program.arguments, environment: program.environment + [mark])
        (marked.openFileLimit, marked.fileSizeLimit) = (
            program.openFileLimit, program.fileSizeLimit
        )
        (marked.folder, marked.streams) = (program.folder, program.streams)
        let now = loop.now
        let item = Running(try ChildProcess(marked), mark, at: now, completion)
        running.append(item)
        let timer = Timer(on: loop) { [unowned self, unowned item] in timeIsOver(item) }
        item.timer = timer
        timer.schedule(after: limit)
    }

    /// To be called at SIGCHLD.
    public func look() {
        for item in running where item.change == nil {
            while let change = item.child.nextChange() { changed(item, change) }
        }
    }

    /// Ends all of them, whatever they are doing; their completions are not called.
    public func killAll() {
        for item in running {
            item.child.signalGroup(SIGKILL)
            for process in marked(item) { kill(process, SIGKILL) }
        }
        running = []
    }

    // MARK: The end of one

    private func timeIsOver(_ item: Running) {
        guard item.change == nil else { return sweep(item) }
        let number = item.isLate ? SIGKILL : SIGTERM
        item.isLate = true
        for process in marked(item) { kill(process, number) }
        item.child.signalGroup(number)
        item.child.signalGroup(SIGCONT)  // one that is stopped could not obey
        item.timer?.schedule(after: Self.patience)
    }

    private func changed(_ item: Running, _ change: ChildProcess.Change) {
        // One that has stopped itself is ended when its time is over.
        if case .stopped = change { return }
        item.change = change
        item.endedAt = loop.now
        reap()
        item.hasLeftProcesses = !isGone(item)
        sweep(item)
    }

    /// Kills what is left of it, until nothing is.
    private func sweep(_ item: Running) {
        reap()
        let isHopeless = loop.now - item.endedAt > Self.limit
        guard !isGone(item), !isHopeless else { return end(item) }
        item.child.signalGroup(SIGKILL)
        for process in marked(item) { kill(process, SIGKILL) }
        item.timer?.schedule(after: Self.interval)
    }

    private func end(_ item: Running) {
        item.timer = nil
        running.removeAll { $0 === item }
        guard let change = item.change else { return }
        item.completion(
            Ending(
                change: change, isLate: item.isLate, hasLeftProcesses: item.hasLeftProcesses,
                nanoseconds: item.endedAt - item.startedAt))
    }

    // MARK: What there is

    private func isGone(_ item: Running) -> Bool {
        kill(-item.child.processID, 0) != 0 && marked(item).isEmpty
    }

    /// Orphans that we have adopted and that are waited for by nobody.
    private var orphans: Set<Int32> {
        Remains.children().subtracting(earlier).subtracting(running.map(\.child.processID))
    }

    /// Only what is known to be ours: other children of the process are waited for by others.
    private func reap() {
        var status: Int32 = 0
        let groups = Set(running.map(\.child.processID))
        for orphan in orphans {
            let isOurs =
                known.contains(orphan) || Remains.group(of: orphan).map(groups.contains) == true
            if isOurs, waitpid(orphan, &status, WNOHANG) == orphan { known.remove(orphan) }
        }
    }

    /// Of these, what the program has started.
    private func marked(_ item: Running) -> [Int32] {
        let found = orphans.filter { Self.environment(of: $0, has: item.mark) }
        known.formUnion(found)
        return Array(found)
    }

    private static func environment(of process: Int32, has mark: [CChar]) -> Bool {
        let file = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var (bytes, piece) = ([CChar](), [CChar](repeating: 0, count: 65_536))
        while bytes.count < 1 << 22 {
            let count = read(file, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return bytes.split(separator: 0).contains { $0.elementsEqual(mark.dropLast()) }
    }
}
