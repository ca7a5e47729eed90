import Testing

@testable import flagserver

struct ControlJudgeTests {
    private let command = CommandTemplate(["get", "{url}", "{out}"], folder: nil) { _ in false }

    private func complaint(
        _ evidence: CaseEvidence, _ words: [String] = ["get", "{url}", "{out}"]
    ) -> String? {
        ControlJudge.complaint(
            evidence, CommandTemplate(words, folder: nil) { _ in false }, limit: "5 s")
    }

    private func evidence(
        _ ending: CaseEvidence.Ending, _ found: [UInt8]? = nil, contacts: Int = 1
    ) -> CaseEvidence {
        CaseEvidence(
            ending: ending, saved: [SavedFile(found, wanted: [1, 2])], attempts: contacts,
            contacts: contacts)
    }

    @Test func `a plain download that is right is no complaint`() {
        #expect(complaint(evidence(.exited(0), [1, 2])) == nil)
    }

    @Test func `who made no request is told of the URL`() {
        #expect(
            complaint(evidence(.exited(0), contacts: 0))
                == "it exited with 0, but made no request. Does it fetch the URL that it is given "
                + "as {url}?")
        #expect(
            complaint(evidence(.exited(1), contacts: 0), ["false"])
                == "it exited with 1, but made no request. Write {url} where it takes the URL.")
    }

    @Test func `who saved elsewhere is told where`() {
        var lost = evidence(.exited(0))
        lost.otherFiles = ["br.gif"]
        #expect(
            complaint(lost) == "it made a request and exited with 0, but there is nothing in "
                + "{out}. It wrote br.gif instead: write {out} where it takes the name of the file."
        )
        lost.otherFiles = []
        #expect(complaint(lost)?.contains("given as {out}?") == true)
        lost.hasLeftProcesses = true
        #expect(complaint(lost)?.contains("left a process behind") == true)
        #expect(
            complaint(evidence(.exited(0)), ["get", "{url}"])?.contains("its standard output")
                == true)
    }

    @Test func `who saved wrong bytes, failed, died or did not end is told so`() {
        #expect(
            complaint(evidence(.exited(0), [1, 2, 3]))?.contains("{out} has all 2 bytes and 1 more")
                == true)
        #expect(complaint(evidence(.exited(3)))?.contains("exited with 3 although") == true)
        #expect(complaint(evidence(.killed(signal: 9)))?.contains("signal 9") == true)
        #expect(complaint(evidence(.late))?.contains("/dev/null") == true)
        #expect(complaint(evidence(.late, contacts: 0))?.contains("no request") == true)
        #expect(complaint(evidence(.tooLarge)) != nil && complaint(evidence(.exited(89))) != nil)
        #expect(complaint(evidence(.notStarted(reason: "no such file."))) == "no such file.")
    }

    @Test func `its last words are told`() {
        var failed = evidence(.exited(2))
        failed.lastLines = ["usage: get URL"]
        #expect(complaint(failed)?.hasSuffix("It said:\n  usage: get URL") == true)
    }
}
