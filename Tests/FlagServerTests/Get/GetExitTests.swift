import Downloading
import Testing

@testable import flagserver

struct GetExitTests {
    private static func status(
        _ outcomes: [DownloadResult.Outcome], failOn: String = "none", isInterrupted: Bool = false
    ) throws -> Int32 {
        let plan = try GetPlan(words: ["--fail-on", failOn])
        let results = outcomes.map { DownloadResult(name: "BR", url: "u", outcome: $0) }
        return GetExit.status(
            DownloadTotals(results), failing: plan.failing, isInterrupted: isInterrupted)
    }

    private static let reset = DownloadResult.Outcome.failed(.init(.reset, "connection reset"))
    private static let full = DownloadResult.Outcome.failed(.init(.file, "no space left"))

    @Test func `As in the book, what a server does is no failure of the program`() throws {
        #expect(try Self.status([.ok, .notFound, Self.reset]) == 0)
        #expect(try Self.status([]) == 0)
    }

    @Test func `What is named by fail-on ends it by 1`() throws {
        #expect(try Self.status([.ok, Self.reset], failOn: "error") == 1)
        #expect(try Self.status([.ok, .notFound], failOn: "error") == 0)
        #expect(try Self.status([.ok, .notFound], failOn: "not-found") == 1)
        #expect(try Self.status([.ok, Self.reset], failOn: "not-found") == 0)
        #expect(try Self.status([.notFound], failOn: "error,not-found") == 1)
        #expect(try Self.status([.ok], failOn: "not-found,error") == 0)
    }

    @Test func `A file that cannot be written ends it by 1, as in the book`() throws {
        #expect(try Self.status([.ok, Self.full]) == 1)
    }

    @Test func `Ctrl-C wins`() throws {
        #expect(try Self.status([Self.full], failOn: "error", isInterrupted: true) == 130)
    }
}
