import Faults
import Testing

@testable import flagserver

struct KnownDifferencesTests {
    private let names = ["body/truncate", "head/hang"]

    private func known(_ text: String) throws -> KnownDifferences {
        try KnownDifferences(text, path: "known.txt", names: names)
    }

    private func result(_ name: String, _ outcome: CaseOutcome) -> CaseResult {
        CaseResult(
            name: name, fault: name, group: "body", expect: .error, level: .high, outcome: outcome)
    }

    @Test func `a line is a case and a reason, with comments between`() throws {
        let known = try known("# ours\n\n  body/truncate  it is so\r\nhead/hang\tlater\n")
        #expect(known.reasons == ["body/truncate": "it is so", "head/hang": "later"])
    }

    @Test(arguments: [
        ("body/truncat x", 1, "Did you mean 'body/truncate'?"),
        ("#\nhead/hang", 2, "needs a reason"),
        ("head/hang a\nhead/hang b", 2, "twice"),
    ])
    func `a mistake is told with its line`(text: String, line: Int, words: String) {
        let error = #expect(throws: CommandLineError.self) { try known(text) }
        #expect(error?.status == .configuration && error?.place?.line == line)
        #expect(error?.reason.contains(words) == true)
    }

    @Test func `what is listed and passes now is stale`() throws {
        let known = try known("body/truncate a\nhead/hang b\n")
        let results = [result("body/truncate", .reported), result("head/hang", .silent)]
        #expect(known.stale(results, isStrict: false) == ["body/truncate"])
        #expect(known.reason(for: results[1]) == "b")
    }
}
