/// Which checks how many sessions have violated, and a few of them to look at.
struct WitnessReport: Sendable {
    private var counts: [String: Int] = [:]
    /// How often it was the first that went wrong: others may follow from it.
    private var firsts: [String: Int] = [:]
    private var samples: [String: [(seed: UInt64, detail: String)]] = [:]
    private(set) var sessions = 0
    private(set) var failed = 0
    static let mostSamples = 5

    mutating func add(seed: UInt64, _ wrongs: [(check: String, detail: String)]) {
        sessions += 1
        if let first = wrongs.first {
            failed += 1
            firsts[first.check, default: 0] += 1
        }
        for wrong in wrongs {
            counts[wrong.check, default: 0] += 1
            guard samples[wrong.check, default: []].count < Self.mostSamples else { continue }
            samples[wrong.check, default: []].append((seed, wrong.detail))
        }
    }

    /// What others have found, of seeds behind these.
    mutating func add(_ other: WitnessReport) {
        sessions += other.sessions
        failed += other.failed
        counts.merge(other.counts, uniquingKeysWith: +)
        firsts.merge(other.firsts, uniquingKeysWith: +)
        samples.merge(other.samples) { Array(($0 + $1).prefix(Self.mostSamples)) }
    }

    var isClean: Bool { failed == 0 }
    /// A session of each check, for a transcript.
    var seeds: [(check: String, seed: UInt64)] {
        counts.keys.sorted().compactMap { check in samples[check]?.first.map { (check, $0.seed) } }
    }

    var text: String {
        let lines = counts.sorted { $0.value > $1.value }.map { check, count in
            let seeds = samples[check, default: []].map { "\($0.seed) (\($0.detail))" }
            let first = firsts[check, default: 0]
            return "\(count) \(check), first in \(first): \(seeds.joined(separator: "; "))"
        }
        return "\(failed) of \(sessions) sessions\n" + lines.joined(separator: "\n")
    }
}
