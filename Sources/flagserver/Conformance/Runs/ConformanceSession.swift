import EventLoop
import Faults
import Glibc

/// All cases of a run on one loop: version, controls, then the cases side by side. Loop thread
/// only.
final class ConformanceSession {
    /// How it ended.
    enum Outcome {
        case report(ConformanceReport)
        /// The plain download failed: why, as sentences.
        case refused(String)
        case interrupted(signal: Int32)
    }

    /// Of `--version`, in nanoseconds.
    private static let versionLimit: Nanoseconds = 2_000_000_000

    private let plan: ConformancePlan
    private let ground: CaseGround
    private let progress: ConformanceProgress
    private var version = ""
    private var missing: Set<FaultNote.Need> = []
    private var results: [CaseResult?]
    private var next = 0
    private var runs: [Int: CaseRun] = [:]
    private var runCount = 0
    private var starter: Timer?
    private var outcome: Outcome?

    init(_ plan: ConformancePlan, _ ground: CaseGround, _ progress: ConformanceProgress) {
        (self.plan, self.ground, self.progress) = (plan, ground, progress)
        results = Array(repeating: nil, count: plan.cases.count)
    }

    /// - Returns: nil only if the loop was stopped by somebody else.
    /// - Throws: `EventLoopError` if it cannot go on; nothing of it is left running.
    func run() throws(EventLoopError) -> Outcome? {
        for number in [SIGINT, SIGTERM] {
            ground.supervisor.onSignal[number] = { [unowned self] in
                end(.interrupted(signal: number))
            }
        }
        let starter = Timer(on: ground.supervisor.loop) { [unowned self] in askVersion() }
        self.starter = starter
        starter.schedule(after: 0)
        defer { progress.end() }
        do throws(EventLoopError) {
            try ground.supervisor.run()
        } catch {
            ground.children.killAll()
            throw error
        }
        return outcome
    }

    private func end(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        ground.children.killAll()
        runs = [:]
        ground.supervisor.stop(grace: 0)
    }

    private func start(
        _ task: CaseRun.Task, _ command: CommandTemplate, limit: Nanoseconds,
        _ completion: @escaping (CaseRun.Finding) -> Void
    ) {
        runCount += 1
        let number = runCount
        let run = CaseRun(task, command, ground, limit: limit) { [unowned self] finding in
            guard outcome == nil else { return }
            let finished = runs.removeValue(forKey: number)
            withExtendedLifetime(finished) { completion(finding) }
        }
        runs[number] = run
        run.start()
    }

    // MARK: Before the cases

    /// What it says of itself; nothing if it does not.
    private func askVersion() {
        let limit = min(Self.versionLimit, plan.limit)
        start(CaseRun.Task(), plan.command.versionCommand, limit: limit) {
            [unowned self] finding in
            if finding.evidence.ending == .exited(0) { version = finding.firstLine }
            checkPlain()
        }
    }

    private func checkPlain() {
        start(ControlRuns.plain, plan.command, limit: plan.limit) { [unowned self] finding in
            let limit = Notation.readable(plan.limit)
            if let complaint = ControlJudge.complaint(finding.evidence, plan.command, limit: limit)
            {
                return end(.refused(complaint))
            }
            checkNeeds(finding)
        }
    }

    private func checkNeeds(_ plain: CaseRun.Finding) {
        let needs = Set(plan.cases.flatMap(\.needs))
        var open = needs.count
        guard open > 0 else { return startCases() }
        func found(_ need: FaultNote.Need, _ own: CaseRun.Finding?) {
            if !ControlRuns.isMet(need, plain: plain, own: own) { missing.insert(need) }
            open -= 1
            if open == 0 { startCases() }
        }
        for need in FaultNote.Need.allCases where needs.contains(need) {
            guard let task = ControlRuns.task(need) else {
                found(need, nil)
                continue
            }
            start(task, plan.command, limit: plan.limit) { found(need, $0) }
        }
    }

    // MARK: The cases

    private func startCases() {
        progress.begin(plan.cases.count, jobs: plan.jobs, limit: plan.limit)
        startNext()
    }

    private func startNext() {
        while next < plan.cases.count, runs.count < plan.jobs {
            let index = next
            next += 1
            start(index)
        }
        let isDone = next == plan.cases.count && runs.isEmpty
        if isDone { end(.report(report)) }
    }

    private func start(_ index: Int) {
        let item = plan.cases[index]
        if let lack = item.lack(plan.command, missing: missing) {
            return note(index, result(item, .harness, note: lack))
        }
        start(item.task, plan.command, limit: plan.limit) { [unowned self] finding in
            note(index, judge(item, finding))
            startNext()
        }
    }

    private func judge(_ item: ConformanceCase, _ finding: CaseRun.Finding) -> CaseResult {
        let judge = CaseJudge(isReachable: item.isReachable)
        let evidence = finding.evidence
        var result = result(item, judge.outcome(evidence), note: judge.note(evidence))
        (result.exit, result.attempts) = (evidence.exit, evidence.attempts)
        result.wire = finding.wire
        (result.seconds, result.lastLines) = (evidence.seconds, evidence.lastLines)
        return result
    }

    private func result(
        _ item: ConformanceCase, _ outcome: CaseOutcome, note: String
    ) -> CaseResult {
        CaseResult(
            name: item.name, fault: item.fault, group: item.group.rawValue, expect: item.expect,
            level: item.level, outcome: outcome, note: note, rerun: plan.rerun(item))
    }

    private func note(_ index: Int, _ result: CaseResult) {
        results[index] = result
        progress.note(result, isFinding: result.verdict(plan.isStrict) == .finding)
    }

    private var report: ConformanceReport {
        ConformanceReport(
            client: plan.clientName, version: version, seed: plan.seed,
            cases: results.compactMap(\.self))
    }
}
