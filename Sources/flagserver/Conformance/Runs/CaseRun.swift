import EventLoop
import Faults
import Glibc

/// One run of the command against servers of its own, from the fresh folder to the evidence. Loop
/// thread only.
final class CaseRun {
    /// What is to be done.
    struct Task {
        /// The fault as it stands in a URL.
        var segment = "ok"
        /// On FAULT, as in `--toxic`, without the server's name.
        var toxics: [String] = []
        var host = "127.0.0.1"
        var given: FaultNote.Given?
        /// Whether the second request is for the same server, and so may be on the same connection:
        /// else the fault of the first could hurt it.
        var isForReuse = false
        /// Whether an answer that has no content by its status is what a good client accepts.
        var acceptsNothing = false
    }

    /// What came of it.
    struct Finding {
        var evidence: CaseEvidence
        var records = CaseRecords()
        var wire: [WireEvent] = []
        /// Of what it has printed.
        var firstLine = ""
    }

    /// In nanoseconds: what the client has sent last may still be on its way to us.
    private static let afterwards: UInt64 = 10_000_000
    /// Bytes of a file that are read beyond the right ones.
    private static let excess = 1 << 20
    /// Statuses of answers that have no content.
    private static let bare: Set<Int?> = [204, 304]

    private let task: Task
    private let command: CommandTemplate
    private let ground: CaseGround
    /// In nanoseconds.
    private let limit: Nanoseconds
    private let completion: (Finding) -> Void
    private var folder: CaseFolder?
    private var world: CaseWorld?
    private var timer: Timer?

    /// - Parameter completion: called once, on the loop, and never before `start` has returned.
    init(
        _ task: Task, _ command: CommandTemplate, _ ground: CaseGround, limit: Nanoseconds,
        completion: @escaping (Finding) -> Void
    ) {
        (self.task, self.command, self.ground) = (task, command, ground)
        (self.limit, self.completion) = (limit, completion)
    }

    func start() {
        do {
            let folder = try CaseFolder(in: ground.temporary)
            self.folder = folder
            if let given { try folder.give(given) }
            let world = try CaseWorld(task.toxics, ground)
            self.world = world
            try start(folder, world)
        } catch let error as CaseFolder.Failure {
            fail("no folder could be made for it: \(error.description)")
        } catch {
            fail("\(error)")
        }
    }

    private func start(_ folder: CaseFolder, _ world: CaseWorld) throws {
        let words = command.filled([
            .url: world.url(task.segment, ground.first, host: task.host),
            .url2: task.isForReuse
                ? world.url("ok", ground.second, host: task.host) : world.elsewhere(ground.second),
            .out: folder.out, .out2: folder.out2,
        ])
        var program = ChildProcess.Program(
            arguments: words.map { Array($0.utf8CString) }, environment: ground.environment)
        program.folder = Array(folder.work.utf8CString)
        program.fileSizeLimit = CaseEvidence.maximumFile
        program.openFileLimit = ground.openFiles
        program.streams = folder.streams
        do throws(ChildProcess.Failure) {
            try ground.children.start(program, limit: limit) { [unowned self] in hasEnded($0) }
            folder.closeStreams()
        } catch {
            fail(RunSession.refusal(error, command.words[0]).1)
        }
    }

    private func fail(_ reason: String) {
        later(0) { [unowned self] in
            let evidence = CaseEvidence(ending: .notStarted(reason: reason))
            end(Finding(evidence: evidence))
        }
    }

    private func later(_ nanoseconds: UInt64, _ action: @escaping () -> Void) {
        let timer = Timer(on: ground.supervisor.loop, action: action)
        self.timer = timer
        timer.schedule(after: nanoseconds)
    }

    // MARK: Afterwards

    private func hasEnded(_ ending: ChildProcesses.Ending) {
        later(Self.afterwards) { [unowned self] in
            world?.close()
            // What the closing tells, it tells by then.
            later(0) { [unowned self] in gather(ending) }
        }
    }

    private func gather(_ ending: ChildProcesses.Ending) {
        guard let folder, let world else { return }
        var evidence = CaseEvidence(ending: Self.ending(ending))
        let records = world.records
        evidence.saved = saved(folder, records)
        evidence.attempts = records.attempts
        evidence.contacts = max(records.count, world.acceptedCount)
        evidence.seconds = Double(ending.nanoseconds) / 1e9
        evidence.otherFiles = folder.others(hasOut: command.hasOut)
        evidence.hasLeftProcesses = ending.hasLeftProcesses
        evidence.lastLines = folder.lastLines(hasFile: !command.hasOut)
        end(
            Finding(
                evidence: evidence, records: records, wire: world.wire.events,
                firstLine: folder.firstLine))
    }

    private static func ending(_ ending: ChildProcesses.Ending) -> CaseEvidence.Ending {
        if ending.isLate { return .late }
        switch ending.change {
        case .exited(let status): return .exited(status)
        case .killed(SIGXFSZ): return .tooLarge
        case .killed(let signal), .stopped(let signal): return .killed(signal: signal)
        }
    }

    private func saved(_ folder: CaseFolder, _ records: CaseRecords) -> [SavedFile] {
        let target = "/\(task.segment)\(ground.first.path)"
        let isBare = task.acceptsNothing && Self.bare.contains(records.lastStatus(of: target))
        let wanted = isBare ? [] : ground.first.bytes
        let limit = ground.first.bytes.count + Self.excess
        let found =
            command.hasOut ? folder.saved(limit: limit) : folder.printed(limit: limit)
        let first = SavedFile(found, wanted: wanted, given: given)
        guard command.hasAnySecond else { return [first] }
        let second = SavedFile(folder.saved2(limit: limit), wanted: ground.second.bytes)
        return [first, second]
    }

    private func end(_ finding: Finding) {
        world?.close()
        (folder, world, timer) = (nil, nil, nil)
        completion(finding)
    }

    /// What lies under `{out}` beforehand.
    private var given: [UInt8]? {
        task.given.map { given in
            let bytes = given.isOther ? ground.second.bytes : ground.first.bytes
            return Array(bytes.prefix(bytes.count * given.percent / 100))
        }
    }
}
