import Faults
import Testing

@testable import flagserver

struct ConformanceOptionsTests {
    private let command = CommandTemplate(["get", "{url}"], folder: nil) { _ in false }
    private let cases = [
        ConformanceCase(
            group: .body, fault: "truncate", expect: .error, level: .high, sentence: "So.",
            place: .path("truncate"))
    ]

    private func options(
        _ words: [String], _ variables: [String: String] = [:]
    ) throws -> ConformanceOptions {
        var options = try ConformanceOptions.parse(words)
        try options.addTwins { variables[$0] ?? "" }
        return options
    }

    private func plan(
        _ words: [String], _ variables: [String: String] = [:]
    ) throws -> ConformancePlan {
        try options(words, variables).plan(command, cases)
    }

    @Test func `without options there are defaults, and the command to run a case again is short`()
        throws
    {
        let plan = try plan([])
        #expect(plan.seed == 1 && plan.limit == 5_000_000_000 && !plan.isStrict)
        #expect((1...64).contains(plan.jobs) && plan.cases.map(\.name) == ["body/truncate"])
        #expect(
            plan.rerun(cases[0]) == "flagserver conformance -k body/truncate -- get {url}")
    }

    @Test func `what was chosen stands in that command, too`() throws {
        let plan = try plan(
            ["--seed", "7", "--timeout", "2s", "--strict", "--thorough", "--jobs", "3"])
        #expect(plan.cases.count == 3 && plan.jobs == 3)
        #expect(
            plan.rerun(plan.cases[2]) == "flagserver conformance --seed 7 --timeout 2s --strict "
                + "--thorough -k body/truncate+bytes -- get {url}")
    }

    @Test func `options have twins in the environment, and what is typed wins`() throws {
        let variables = [
            "seed": "9", "timeout": "1s", "strict": "on", "thorough": "0", "client": "me",
            "report": "a.json; b.md",
        ]
        let plan = try plan(["--seed", "7"], variables)
        #expect(plan.seed == 7 && plan.limit == 1_000_000_000 && plan.isStrict)
        #expect(plan.cases.count == 1 && plan.clientName == "me")
        #expect(try options([], variables).report == ["a.json", "b.md"])
        #expect(try options(["--report", "c.xml"], variables).report == ["c.xml"])
    }

    @Test(arguments: [
        ["--timeout", "0"], ["--timeout", "2h"], ["--timeout", "x"], ["--jobs", "0"],
        ["--jobs", "65"], ["--seed", "-1"], ["-k", "none"],
    ])
    func `values that cannot be are mistakes`(words: [String]) {
        let error = #expect(throws: CommandLineError.self) { try plan(words) }
        #expect(error?.status == .usage)
    }

    @Test func `patterns may stand behind one another`() throws {
        #expect(try options(["-k", "body", "head", "-k", "x"]).pattern == ["body", "head", "x"])
    }
}
