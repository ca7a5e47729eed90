import Testing

@testable import flagserver

struct GetPlanTests {
    @Test func `What is not said is as in the book`() throws {
        let plan = try GetPlan(words: [])
        #expect(
            plan.codes.joined(separator: " ")
                == "BD BR CD CN DE EG ET FR ID IN IR JP MX NG PH PK RU TR US VN")
        #expect(
            plan.site
                == (try DownloadSite(label: "LOCAL", baseURL: nil, edition: .first) { _ in nil }))
        #expect(plan.concurrency == .fixed(5) && plan.connections == 5)
        #expect(plan.folder == "downloaded" && plan.timeout == 3_100_000_000)
        #expect(plan.retries == 0 && plan.backoff == 500_000_000 && plan.json == nil)
        #expect(!plan.isVerbose && !plan.usesNames && !plan.resumes && !plan.verifies)
        #expect(plan.failing.isEmpty && !plan.isOutputJSON)
    }

    @Test(arguments: [
        (["-m", "7", "-l", "3"], 3), (["-m", "7"], 7), (["-e", "-m", "5000"], 676),
        (["-e", "-m", "99999999999999999999"], 676), (["-m", "1", "-a"], 1), (["-m", "+2"], 2),
        (["-m", "auto", "-e"], 676), (["-m", "AUTO", "A", "-l4"], 4),
    ])
    func `There are no more connections than codes, than asked for, and than a thousand`(
        words: [String], count: Int
    ) throws {
        #expect(try GetPlan(words: words).connections == count)
    }

    @Test func `Everything that it adds can be said`() throws {
        let plan = try GetPlan(words: [
            "--names", "--resume", "--verify", "--retries", "100", "--backoff", "0", "--timeout",
            "250ms", "--dest", "d", "--json", "-", "--fail-on", "error,not-found", "-m", "auto",
        ])
        #expect(plan.usesNames && plan.resumes && plan.verifies && plan.isOutputJSON)
        #expect(plan.retries == 100 && plan.backoff == 0 && plan.timeout == 250_000_000)
        #expect(plan.folder == "d" && plan.failing == [.error, .notFound])
        #expect(plan.concurrency == .best)
    }

    @Test(arguments: [
        (["-m", "0"], "--max_req CONCURRENT must be >= 1"),
        (["-m", "-7", "-l", "0"], "--max_req CONCURRENT must be >= 1"),
        (["-m", "-99999999999999999999"], "--max_req CONCURRENT must be >= 1"),
        (["-m", "x"], "--max_req CONCURRENT must be a whole number or auto"),
        (["-m", "1.5"], "--max_req CONCURRENT must be a whole number or auto"),
        (["-l", "0", "-s", "X"], "--limit N must be >= 1"),
        (["-l", "many"], "--limit N must be a whole number"),
        (["-s", "X", "123"], "--server LABEL must be one of CHAOS, DELAY, ERROR, FAULT, LOCAL"),
        (["123"], "each CC argument must be A to Z or AA to ZZ."),
    ])
    func `What is out of the book's bounds is refused in its words, and in its order`(
        words: [String], reason: String
    ) {
        #expect(getRefusal(words) == reason)
    }

    @Test(arguments: [
        (["--retries", "101"], "--retries N must be a whole number from 0 to 100"),
        (["--retries=-1"], "--retries N must be a whole number from 0 to 100"),
        (["--backoff", "31"], "--backoff SECONDS must be from 0 to 30"),
        (["--backoff", "-1"], "--backoff SECONDS must be from 0 to 30"),
        (["--backoff", "nan"], "--backoff SECONDS must be from 0 to 30"),
        (["--timeout", "0"], "--timeout SECONDS must be from 0.01 to 3600"),
        (["--timeout", "inf"], "--timeout SECONDS must be from 0.01 to 3600"),
        (["--timeout", "1e300"], "--timeout SECONDS must be from 0.01 to 3600"),
        (["--edition", "3e"], "--edition EDITION must be 1e or 2e"),
        (["--fail-on", "errors"], failOn), (["--fail-on", ","], failOn),
        (["--fail-on", "none,error"], failOn),
    ])
    func `What is out of other bounds is refused in words like the book's`(
        words: [String], reason: String
    ) {
        #expect(getRefusal(words) == reason)
    }

    private static let failOn =
        "--fail-on LIST must be error, not-found, error,not-found or none"

    @Test func `A refusal is told in the book's two lines`() {
        #expect(
            GetUsageError("--limit N must be >= 1").description == """
                *** Usage error: --limit N must be >= 1
                usage: flagget [-h] [-a] [-e] [-l N] [-m CONCURRENT] [-s LABEL] [-v] [CC ...]

                """)
    }
}
