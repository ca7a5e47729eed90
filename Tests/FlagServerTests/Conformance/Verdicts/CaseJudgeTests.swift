import Faults
import Testing

@testable import flagserver

struct CaseJudgeTests {
    private static let right = SavedFile([1, 2, 3], wanted: [1, 2, 3])
    private static let part = SavedFile([1, 2], wanted: [1, 2, 3])
    private static let none = SavedFile(nil, wanted: [1, 2, 3])
    private static let untouched = SavedFile([1], wanted: [1, 2, 3], given: [1])

    private func evidence(
        _ ending: CaseEvidence.Ending, _ saved: [SavedFile], attempts: Int = 1
    ) -> CaseEvidence {
        CaseEvidence(ending: ending, saved: saved, attempts: attempts, contacts: attempts)
    }

    private func outcome(_ evidence: CaseEvidence, isReachable: Bool = true) -> CaseOutcome {
        CaseJudge(isReachable: isReachable).outcome(evidence)
    }

    // MARK: Outcomes

    @Test func `right bytes and exit 0 are correct, by more attempts recovered`() {
        #expect(outcome(evidence(.exited(0), [Self.right])) == .correct)
        #expect(outcome(evidence(.exited(0), [Self.right], attempts: 2)) == .recovered)
    }

    @Test func `exit 0 with anything else is silent`() {
        for file in [Self.part, Self.none, Self.untouched] {
            #expect(outcome(evidence(.exited(0), [file])) == .silent)
        }
    }

    @Test func `the next request's own bytes are looked at, too`() {
        #expect(outcome(evidence(.exited(0), [Self.right, Self.right])) == .correct)
        #expect(outcome(evidence(.exited(0), [Self.right, Self.part])) == .silent)
        #expect(outcome(evidence(.exited(1), [Self.right, Self.part])) == .reportedLeftPartial)
    }

    @Test func `an error is reported if nothing wrong is kept`() {
        for file in [Self.none, Self.untouched, Self.right] {
            #expect(outcome(evidence(.exited(18), [file])) == .reported)
        }
        #expect(outcome(evidence(.exited(18), [Self.part])) == .reportedLeftPartial)
    }

    @Test func `who dies of a signal has crashed, through a shell, too`() {
        #expect(outcome(evidence(.killed(signal: 11), [Self.right])) == .crashed)
        #expect(outcome(evidence(.exited(139), [Self.none])) == .crashed)
        // SIGPIPE and SIGTERM in a shell's pipeline are an error like others.
        #expect(outcome(evidence(.exited(141), [Self.none])) == .reported)
    }

    @Test func `of what a shell tells six signals are crashes, and all else is an error`() {
        // ILL, TRAP, ABRT, BUS, FPE and SEGV.
        let crashes: Set<Int32> = [132, 133, 134, 135, 136, 139]
        for status in Int32(1)...255 where status != 89 {
            let wanted: CaseOutcome = crashes.contains(status) ? .crashed : .reported
            #expect(outcome(evidence(.exited(status), [Self.none])) == wanted, "\(status)")
        }
    }

    @Test func `who does not end hangs, and who writes without end does, too`() {
        #expect(outcome(evidence(.late, [Self.right])) == .hung)
        #expect(outcome(evidence(.tooLarge, [Self.part])) == .hung)
    }

    @Test func `exit 89 is unsupported`() {
        #expect(outcome(evidence(.exited(89), [Self.none], attempts: 0)) == .unsupported)
    }

    @Test func `who never asks says nothing, unless there was nobody to be asked`() {
        let silent = evidence(.exited(1), [Self.none], attempts: 0)
        #expect(outcome(silent) == .harness)
        #expect(outcome(silent, isReachable: false) == .reported)
        #expect(outcome(evidence(.notStarted(reason: "no."), [])) == .harness)
    }

    // MARK: What passes

    private static let passing: [FaultNote.Outcome: Set<CaseOutcome>] = [
        .error: [.reported, .recovered, .reportedLeftPartial],
        .accept: [.correct, .recovered],
        .end: [.silent, .reportedLeftPartial, .reported, .recovered, .correct],
        .observe: [.silent, .hung, .reportedLeftPartial, .reported, .recovered, .correct],
    ]

    @Test(arguments: FaultNote.Outcome.allCases)
    func `what passes depends on what is expected`(expect: FaultNote.Outcome) {
        let all = Set(CaseOutcome.allCases)
        #expect(all.filter { $0.verdict(expecting: expect) == .passed } == Self.passing[expect])
        let apart = all.filter { $0.verdict(expecting: expect) == .apart }
        #expect(apart == [.unsupported, .harness])
    }

    @Test func `strictly a wrong file is a finding although an error was reported`() {
        let outcome = CaseOutcome.reportedLeftPartial
        #expect(outcome.verdict(expecting: .error, isStrict: true) == .finding)
        #expect(outcome.verdict(expecting: .end, isStrict: true) == .passed)
    }

    // MARK: In words

    @Test func `a note says what the witnesses saw`() {
        let judge = CaseJudge(isReachable: true)
        #expect(judge.note(evidence(.exited(0), [Self.part])) == "exit 0, 2 of 3 bytes")
        #expect(
            judge.note(evidence(.exited(0), [Self.right, Self.none], attempts: 3))
                == "exit 0, first: right bytes, second: no file, 3 attempts")
        #expect(
            judge.note(evidence(.exited(0), [Self.right], attempts: 2))
                == "exit 0, right bytes, 2 attempts")
        var odd = evidence(.late, [Self.none], attempts: 0)
        odd.otherFiles = ["a", "b", "c", "d", "e", "f"]
        odd.hasLeftProcesses = true
        #expect(
            judge.note(odd) == "over the time limit, it made no request, no file, "
                + "it left processes behind, left a b c d and 2 more")
        odd.otherFiles = ["a", "b", "c", "d"]
        #expect(judge.note(odd).hasSuffix(", left a b c d"))
        #expect(judge.note(evidence(.notStarted(reason: "so."), [])) == "so.")
        #expect(judge.note(evidence(.exited(134), [])) == "exit 134: died of signal 6")
    }
}
