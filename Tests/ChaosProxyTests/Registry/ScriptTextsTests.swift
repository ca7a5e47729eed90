import Faults
import Testing

@testable import ChaosProxy

struct ScriptTextsTests {
    /// - Parameter bytes: of its text.
    private func toxic(_ bytes: Int, name: String = "t") throws -> Toxic {
        let start = "A sentence.\n\nfin\n"
        let steps = start + String(repeating: "#", count: bytes - start.utf8.count)
        return try ToxicReading(
            [
                ToxicField("type", .text("script")), ToxicField("name", .text(name)),
                ToxicField("steps", .text(steps)),
            ], as: .json
        ).toxic()
    }

    private func catalogued() throws -> Toxic {
        try ToxicReading([ToxicField("type", .text("truncate"))], as: .json).toxic()
    }

    @Test func `the texts of all together are bounded`() throws {
        let texts = ScriptTexts(maximumBytes: 1000)
        let kept = try (0..<2).map { _ in try toxic(500) }
        try texts.keep(kept)
        let more = try toxic(100)
        #expect {
            try texts.keep([more])
        } throws: {
            "\($0)".contains("Remove toxics of type script first")
        }
        try texts.keep(kept)
        try texts.keep([try catalogued()])
        withExtendedLifetime(kept) {}
    }

    @Test func `a text that nobody has any more does not count`() throws {
        let texts = ScriptTexts(maximumBytes: 1000)
        for _ in 0..<300 { try texts.keep([try toxic(900)]) }
        let kept = try toxic(900)
        try texts.keep([kept])
        #expect(throws: ProxyError.self) { try texts.keep([try toxic(101)]) }
        for _ in 0..<300 { try texts.keep([try toxic(90)]) }
        withExtendedLifetime(kept) {}
    }

    @Test func `64 MiB are the most`() { #expect(ScriptTexts.maximumBytes == 67_108_864) }
}
