import Testing

@testable import flagserver

struct ConformanceProgressTests {
    private final class Lines { var text = "" }

    private func told(isTerminal: Bool) -> String {
        let lines = Lines()
        let progress = ConformanceProgress(isTerminal: isTerminal) { lines.text += $0 }
        progress.begin(2, jobs: 4, limit: 5_000_000_000)
        for result in SampleReports.cases.prefix(2) { progress.note(result, isFinding: true) }
        progress.end()
        return lines.text
    }

    @Test func `on a terminal there is one live line, which goes`() {
        let text = told(isTerminal: true)
        #expect(text.hasPrefix("2 cases, 4 at a time, at most 5 s each\n\r1/2, 1 finding  body/"))
        #expect(text.hasSuffix("\r\u{1b}[K"))
    }

    @Test func `elsewhere each finding has its line`() {
        #expect(
            told(isTerminal: false) == "2 cases, 4 at a time, at most 5 s each\n"
                + "body/truncate: SILENT: exit 0, 2 | 3 <bytes>\nhead/hang: hung: exit 0, no file\n"
        )
    }
}
