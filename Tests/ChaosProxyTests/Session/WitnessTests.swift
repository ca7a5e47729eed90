import Foundation
import TestSupport
import Testing

@testable import ChaosProxy

/// Random sessions on simulated time, and a witness that sees every byte on both wires: each record
/// and each counter says what the witness saw (`TRUTH.md`).
///
/// `WITNESS_SEED=n,m` repeats sessions with all that happened; `WITNESS_SEEDS=n` runs more, or
/// fewer; `WITNESS_LIST=1` prints everything that is wrong, a line each.
struct WitnessTests {
    private typealias Wrong = (check: String, detail: String)

    private static func words(_ name: String) -> [Substring] {
        ProcessInfo.processInfo.environment[name]?.split(separator: ",") ?? []
    }

    private static func number(_ name: String) -> UInt64? {
        words(name).first.flatMap { UInt64($0) }
    }

    /// Every session is a world of its own, so that several go on at once.
    private static func run(_ seeds: ClosedRange<UInt64>, lists: Bool) throws -> WitnessReport {
        var report = WitnessReport()
        let twins = WitnessTwins()
        for seed in seeds {
            var script = try WitnessScript(seed: seed, twins)
            let wrongs = script.run()
            report.add(seed: seed, wrongs)
            guard lists else { continue }
            for wrong in wrongs {
                print("|\(seed)|\(script.plan.words)|\(wrong.check)|\(wrong.detail)")
            }
        }
        return report
    }

    private static func run(_ count: UInt64) async throws -> WitnessReport {
        let lists = number("WITNESS_LIST") != nil
        let (parts, size) = (4, (count + 3) / 4)
        return try await withThrowingTaskGroup(of: (Int, WitnessReport).self) { group in
            for part in 0..<parts {
                let first = UInt64(part) * size + 1
                let last = min(first + size - 1, count)
                guard first <= last else { continue }
                group.addTask { (part, try run(first...last, lists: lists)) }
            }
            var reports: [(Int, WitnessReport)] = []
            for try await report in group { reports.append(report) }
            var all = WitnessReport()
            for (_, report) in reports.sorted(by: { $0.0 < $1.0 }) { all.add(report) }
            return all
        }
    }

    /// All that happens in one session, and what is wrong with it.
    private static func transcript(_ seed: UInt64) throws -> (text: String, isClean: Bool) {
        final class Lines { var all: [String] = [] }
        let lines = Lines()
        var script = try WitnessScript(seed: seed, WitnessTwins()) { lines.all.append($0) }
        let wrongs = script.run()
        let text = "WITNESS_SEED=\(seed)\n" + lines.all.joined(separator: "\n")
        return (text, wrongs.isEmpty)
    }

    @Test func `a record is what the client met`() async throws {
        let repeated = Self.words("WITNESS_SEED").compactMap { UInt64($0) }
        for seed in repeated {
            let (text, isClean) = try Self.transcript(seed)
            print(text)
            #expect(isClean, "seed \(seed)")
        }
        guard repeated.isEmpty else { return }
        let report = try await Self.run(Self.number("WITNESS_SEEDS") ?? 10_000)
        guard !report.isClean else { return }
        for (check, seed) in report.seeds.prefix(WitnessReport.mostSamples) {
            Issue.record("\(check): \(try Self.transcript(seed).text)")
        }
        Issue.record("\(report.text)")
    }
}
