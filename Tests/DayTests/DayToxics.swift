import Faults
import HTTPWire
import TestSupport

/// The toxics of a day: what delays, cuts, answers and slows down, and leaves what it lets through
/// as it is.
enum DayToxics {
    private static let millisecond: UInt64 = 1_000_000

    /// - Returns: with different names; at least one.
    static func draw(_ kind: DayDoor.Kind, _ random: inout TestGenerator) -> [Toxic] {
        var toxics: [Toxic] = []
        for _ in 0...random.next(below: 3) {
            let fault = fault(kind, &random)
            var stream: ToxicStream = random.next(below: 4) == 0 ? .upstream : .downstream
            if case .respond = fault { stream = .upstream }
            let share = random.element(of: [1, 0.5, 0.2])
            let first = random.next(below: 6) == 0
            let toxic = Toxic(
                fault, stream: stream, toxicity: .random(Probability(share) ?? .always),
                exchanges: first ? ExchangeRange(first: 1, last: 2, counting: .target) : nil)
            if !toxics.contains(where: { $0.name == toxic.name }) { toxics.append(toxic) }
        }
        return toxics
    }

    private static func fault(_ kind: DayDoor.Kind, _ random: inout TestGenerator) -> Fault {
        let delay = UInt64(1 + random.next(below: 400)) * millisecond
        if kind != .tcp, random.next(below: 5) == 0 {
            let statuses: [(HTTPStatus, UInt32)] = [(503, 2), (418, 1), (429, 1)]
            return .respond(Respond(statuses: statuses, retryAfter: nil))
        }
        return random.element(of: [
            .noop(Noop()), .latency(Latency(latency: delay, jitter: 0)),
            .latency(Latency(latency: delay, jitter: delay / 2)),
            .latency(Latency(latency: delay, jitter: delay)),
            .bandwidth(Bandwidth(rate: UInt64(20_000 + random.next(below: 400_000)))),
            .slicer(Slicer(averageSize: 4_000, sizeVariation: 900, delay: 2 * millisecond)),
            .limitData(LimitData(bytes: Int64(random.element(of: [0, 10, 400, 9_000])))),
            .timeout(Timeout(timeout: random.next(below: 2) == 0 ? 0 : delay)),
            .resetPeer(ResetPeer(timeout: delay)),
            .slowClose(SlowClose(delay: delay)),
        ])
    }
}
