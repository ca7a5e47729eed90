import EventLoop
import Testing

@testable import Records

struct FailureReportTests {
    private func record(_ target: String, via: String? = nil) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "error")
        (record.method, record.target, record.status) = ("GET", target, 200)
        (record.time, record.via) = (1_795_269_721_120_345_000, via)
        record.isCountedElsewhere = via != nil
        return record
    }

    private func report(_ count: Int, isGrouped: Bool = false) -> FailureReport {
        let report = FailureReport(seed: 42, isGrouped: isGrouped)
        for number in 0..<count { report.note(record("/\(number)")) }
        return report
    }

    private func lines(_ report: FailureReport, _ change: ChildProcess.Change = .exited(3))
        -> [Substring]
    {
        report.text("pytest", change).split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test(arguments: [
        (0, "there were no exchanges"), (1, "the only exchange:"), (2, "all 2 exchanges:"),
        (20, "all 20 exchanges:"), (21, "the last 20 of 21 exchanges:"),
        (388, "the last 20 of 388 exchanges:"),
    ])
    func `it says how many exchanges there were, and how many it tells`(
        count: Int, words: String
    ) {
        let lines = lines(report(count))
        #expect(lines.first == "flagserver: pytest failed with status 3 (seed 42); \(words)")
        #expect(lines.count == 1 + min(count, 20) + 1)
        #expect(lines.last == "")
    }

    @Test func `it tells the last exchanges, oldest first, with the time they had`() {
        let told = lines(report(25)).dropFirst().dropLast()
        for (number, line) in zip(5..<25, told) {
            #expect(line.contains("target=/\(number) "))
            #expect(line.contains("2026-11-21T14:02:01.120345Z"))
        }
        #expect(told.count == 20)
    }

    @Test func `what came through CHAOS is told there only`() {
        let report = report(1)
        report.note(record("/again", via: "chaos"))
        #expect(lines(report).first?.hasSuffix("the only exchange:") == true)
        #expect(!report.text("pytest", .exited(1)).contains("/again"))
    }

    @Test func `an exchange stays one line, whatever was asked for`() {
        let report = report(0)
        report.note(record("SET key\r\n::endgroup::\nvalue"))
        #expect(lines(report).count == 3)
    }

    @Test func `for GitHub Actions it is a group`() {
        let lines = lines(report(2, isGrouped: true))
        #expect(lines.first?.hasPrefix("::group::flagserver: pytest failed with status 3") == true)
        #expect(lines.suffix(2) == ["::endgroup::", ""])
        #expect(lines.count == 5)
    }

    @Test func `a death by a signal has its number and name`() {
        let text = report(0).text("pytest", .killed(signal: 9))
        #expect(text.hasPrefix("flagserver: pytest was killed by signal 9 (Killed) (seed 42); "))
    }
}
