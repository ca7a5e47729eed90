import Foundation
import Testing

/// A simulated day: clients, sessions, stages, limits, worlds and changes from one seed, every byte
/// and every record accounted for.
///
/// `DAY_SEED=n` repeats one day and says what the mayor did; `DAY_SEEDS=n` runs that many.
struct DayTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static var seeds: [UInt64] {
        if let seed = number("DAY_SEED") { return [seed] }
        return Array(1...(number("DAY_SEEDS") ?? 3))
    }

    @Test(arguments: seeds)
    func `a day has no byte and no record too many or too few`(seed: UInt64) throws {
        let report = try Day(seed: seed).run()
        let again = try Day(seed: seed).run()
        let command = "DAY_SEED=\(seed) swift test --filter DayTests"
        for wrong in report.wrongs { Issue.record("\(wrong)\n\(command)") }
        #expect(report.records > 1_000, "\(command)")
        if report.journal != again.journal {
            Issue.record("another run has another journal\n\(command)")
        }
        guard Self.number("DAY_SEED") != nil else { return }
        print("\(report.visits) visits, \(report.records) records")
        for deed in report.deeds { print(deed) }
    }
}
