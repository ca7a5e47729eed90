import Foundation
import Testing

/// Fates stay: who has written down a seed meets the same errors and delays with every later
/// version. What `Tests/Golden` has is never written anew.
struct DrawGoldenTests {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden")

    /// By the file that has the answer.
    static let questions: [String: [String]] = [
        "draw-error": ["error", "-n", "194"],
        "draw-error-range": ["error", "-n", "194", "--delay", "0.5..5"],
        "draw-delay-range": ["delay", "-n", "194", "--delay", "0.2..1"],
        "draw-chaos": ["chaos", "-n", "194", "--edition", "2e"],
        "draw-attempts": [
            "error", "-n", "60", "--target", "/flags/br/br.gif", "--delay", "0.5..5",
        ],
        "draw-exact": ["error", "-n", "60", "--error-mode", "exact"],
        "draw-connections": [
            "db", "-n", "60", "--proxy", "db=9000=localhost:5432",
            "--toxic", "db:latency latency=200ms jitter=50ms toxicity=0.5",
            "--toxic", "db:limit_data bytes=4096B toxicity=0.2",
            "--toxic", "db:slicer average_size=64B toxicity=0.3 exchanges=2...",
        ],
        "draw-mix": [
            "web", "-n", "60", "--proxy", "web=9000=localhost:8000", "--protocol", "http",
            "--behavior", "25:error,50:delay",
        ],
    ]

    @Test(arguments: questions.keys.sorted())
    func `what seed 42 brought once it brings for ever`(_ name: String) throws {
        let question = try #require(Self.questions[name])
        let file = Self.folder.appendingPathComponent("\(name).txt")
        let golden = try String(contentsOf: file, encoding: .utf8)
        let root = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
        let program = try Program(["draw"] + question + ["--seed", "42"], in: root.path)
        #expect(program.status == 0, "\(program.errors)")
        #expect(program.output == golden)
    }

    @Test func `every golden file is asked for`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let draws = files.filter { $0.hasPrefix("draw-") }
        #expect(draws.sorted() == Self.questions.keys.map { "\($0).txt" }.sorted())
    }
}
