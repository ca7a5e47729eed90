import Foundation
import TestSupport
import Testing

@testable import ChaosProxy

/// Random sessions on simulated time, and a witness that sees every byte on both wires: each record
/// and each counter says what the witness saw (`TRUTH.md`).
///
/// `WITNESS_SEED=n` repeats one session with all that happened; `WITNESS_SEEDS=n` runs more, or
/// fewer.
struct WitnessTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private func run(_ seed: UInt64, _ twins: WitnessTwins, log: ((String) -> Void)? = nil) throws
        -> [(check: String, detail: String)]
    {
        var script = try WitnessScript(seed: seed, twins, log: log)
        return script.run()
    }

    private func transcript(_ seed: UInt64) throws -> String {
        final class Lines { var all: [String] = [] }
        let lines = Lines()
        _ = try run(seed, WitnessTwins()) { lines.all.append($0) }
        return "WITNESS_SEED=\(seed)\n" + lines.all.joined(separator: "\n")
    }

    @Test func `a record is what the client met`() throws {
        if let seed = Self.number("WITNESS_SEED") {
            let wrongs = try run(seed, WitnessTwins())
            print(try transcript(seed))
            #expect(wrongs.isEmpty, "\(wrongs)")
            return
        }
        let (twins, count) = (WitnessTwins(), Self.number("WITNESS_SEEDS") ?? 10_000)
        var report = WitnessReport()
        for seed in 1...count {
            var script = try WitnessScript(seed: seed, twins)
            let wrongs = script.run()
            report.add(seed: seed, wrongs)
            guard Self.number("WITNESS_LIST") != nil else { continue }
            for (check, detail) in wrongs {
                print("|\(seed)|\(script.plan.words)|\(check)|\(detail)")
            }
        }
        guard !report.isClean else { return }
        for (check, seed) in report.seeds.prefix(5) {
            Issue.record("\(check): \(try transcript(seed))")
        }
        Issue.record("\(report.text)")
    }
}
