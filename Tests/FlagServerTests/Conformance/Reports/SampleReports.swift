import Faults

@testable import flagserver

/// A small report with something of everything.
enum SampleReports {
    static func result(
        _ name: String, _ outcome: CaseOutcome, expect: FaultNote.Outcome = .error,
        exit: Int32? = 0, note: String = "exit 0, no file"
    ) -> CaseResult {
        let parts = name.split(separator: "/").map(String.init)
        return CaseResult(
            name: name, fault: parts[1], group: parts[0], expect: expect, level: .high,
            outcome: outcome, exit: exit, attempts: 1, seconds: 0.25, note: note,
            rerun: "flagserver conformance -k \(name) -- get '{url}'")
    }

    static let wire = [
        WireEvent(seconds: 0.001, connection: 1, kind: .received, count: 18, text: "GET / \\r\\n"),
        WireEvent(seconds: 0.002, connection: 1, kind: .closed, count: 0, text: "FIN"),
    ]

    static var cases: [CaseResult] {
        var silent = result("body/truncate", .silent, note: "exit 0, 2 | 3 <bytes>")
        (silent.wire, silent.lastLines) = (wire, ["it's \"done\" & <well>"])
        return [
            silent, result("head/hang", .hung, expect: .end, exit: nil),
            result("body/extra-bytes", .correct, expect: .accept),
            result("range/range-416", .harness, note: "it does not ask"),
            result("body/reset", .reportedLeftPartial, exit: 56),
        ]
    }

    static let report = ConformanceReport(
        client: "get", version: "get 1.2 (linux)", seed: 7, cases: cases)
    static let other = ConformanceReport(
        client: "wget", version: "", seed: 7, cases: [result("body/truncate", .reported, exit: 4)])
}
