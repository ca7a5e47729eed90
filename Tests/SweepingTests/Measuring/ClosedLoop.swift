import Faults

@testable import Sweeping

/// A downloader that always has so many requests under way, and a server, both imagined.
struct ClosedLoop {
    enum Server {
        /// Each takes half a second, and up to `jitter` nanoseconds more.
        case delay(jitter: UInt64)
        /// As before, but no more than `limit` at once; the others wait.
        case queue(limit: Int)
        /// As before, but the others are refused after 20 ms.
        case refusing(limit: Int)
        /// 10 ms, and 1 ms more for each under way.
        case perInFlight
        /// All fail at once.
        case broken
    }

    static let half: UInt64 = 500_000_000

    let server: Server
    let concurrency: Int
    /// They begin one after the other, so that they end evenly.
    var isEven = false
    private var generator: SeededGenerator
    private var free: [UInt64] = []
    private var ends: [(time: UInt64, start: UInt64, failure: String?)] = []

    init(_ server: Server, concurrency: Int, isEven: Bool = false, seed: UInt64 = 1) {
        (self.server, self.concurrency, self.isEven) = (server, concurrency, isEven)
        generator = SeededGenerator(seed: seed)
        if case .queue(let limit) = server { free = Array(repeating: 0, count: limit) }
    }

    mutating func row(budget: Double) -> SweepRow {
        let budget = UInt64(budget * 1e9)
        var measurement = Measurement(concurrency: concurrency, start: 0, budget: budget)
        for index in 0..<concurrency {
            let start = isEven ? Self.half * UInt64(index) / UInt64(concurrency) : 0
            ends.append(answer(to: start))
        }
        var now: UInt64 = 0
        while let next = ends.indices.min(by: { ends[$0].time < ends[$1].time }) {
            let end = ends[next]
            now = min(end.time, budget)
            guard !measurement.isFinished(at: end.time) else { break }
            measurement.note(
                at: end.time, latency: end.time - end.start, failure: end.failure)
            ends[next] = (.max, end.time, nil)
            ends[next] = answer(to: end.time)
        }
        return measurement.row(server: nil, at: now)
    }

    private mutating func answer(
        to start: UInt64
    ) -> (time: UInt64, start: UInt64, failure: String?) {
        let jitter = generator.next() % 5_000_000
        let underway = ends.count { $0.time > start && $0.time < .max && $0.failure == nil }
        switch server {
        case .delay(let jitter):
            let more = jitter > 0 ? generator.next() % jitter : 0
            return (start + Self.half + more, start, nil)
        case .queue:
            let place = free.indices.min { free[$0] < free[$1] } ?? 0
            free[place] = max(free[place], start) + Self.half + jitter
            return (free[place], start, nil)
        case .refusing(let limit):
            if underway >= limit { return (start + 20_000_000, start, "503") }
            return (start + Self.half + jitter, start, nil)
        case .perInFlight:
            return (start + 10_000_000 + 1_000_000 * UInt64(underway) + jitter / 10, start, nil)
        case .broken: return (start + 1_000_000 + jitter, start, "418")
        }
    }
}
