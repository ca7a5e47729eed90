import Faults
import HTTPWire
import TestSupport

@testable import ChaosProxy

/// What is drawn for a session before anything happens.
struct WitnessPlan {
    /// How much goes on at once: what is alone can be told exactly.
    enum Depth { case alone, crowded, wild }

    let kind: ProxyProtocol
    let isSite: Bool
    let depth: Depth
    let limits: RequestLimits
    let answers: [WitnessAnswer.Kind]
    let dialsAtOnce: Bool
    /// How long a FIN is held back, in nanoseconds.
    static let slowClose: UInt64 = 8_000_000

    init(_ random: inout TestGenerator) {
        depth = random.element(of: [.alone, .alone, .crowded, .wild])
        kind = random.next(below: 4) == 0 ? .tcp : .http
        isSite = kind == .http && random.next(below: 3) == 0
        limits = Self.limits(depth, kind, &random)
        answers = Self.answers(depth, isSite: isSite, &random)
        dialsAtOnce = random.next(below: 4) > 0
    }

    var words: String { "\(kind) before \(isSite ? "a site" : "a backend"), \(depth)" }

    private static func answers(
        _ depth: Depth, isSite: Bool, _ random: inout TestGenerator
    ) -> [WitnessAnswer.Kind] {
        let good: [WitnessAnswer.Kind] = [.length, .length, .chunked, .untilEnd, .bodyless]
        if isSite { return [.length] }
        return random.next(below: 3) > 0 ? good : good + WitnessAnswer.Kind.allCases
    }

    private static func limits(
        _ depth: Depth, _ kind: ProxyProtocol, _ random: inout TestGenerator
    ) -> RequestLimits {
        var limits = RequestLimits()
        guard depth != .alone else { return limits }
        limits.overLimit = random.element(of: [
            .respond(503), .respond(429), .queue, .queue, .close,
        ])
        if random.next(below: 4) == 0, limits.overLimit != .queue { limits.maxConnections = 2 }
        if kind == .http, random.next(below: 4) > 0 {
            limits.maxConcurrency = 1 + random.next(below: 2)
        }
        return limits
    }

    func toxics(_ random: inout TestGenerator) -> [Toxic] {
        let most = depth == .wild ? 5 : 3
        var toxics: [Toxic] = []
        var streams: [Toxic.Stream: Int] = [:]
        for index in 0..<random.next(below: most) {
            let fault = self.fault(&random)
            var stream: Toxic.Stream = random.next(below: 3) == 0 ? .upstream : .downstream
            if case .respond = fault { stream = .upstream }
            if depth != .wild, fault.hasStage {
                guard streams[stream] == nil else { continue }
                streams[stream] = 1
            }
            let rare = Probability(0.5) ?? .always
            let toxicity: Toxic.Toxicity =
                depth != .alone && random.next(below: 3) == 0 ? .random(rare) : .random(.always)
            let name = depth == .wild && random.next(below: 2) == 0 ? "t\(index)" : nil
            let toxic = Toxic(fault, stream: stream, toxicity: toxicity, name: name)
            if !toxics.contains(where: { $0.name == toxic.name }) { toxics.append(toxic) }
        }
        return toxics
    }

    private func fault(_ random: inout TestGenerator) -> Fault {
        let millisecond: UInt64 = 1_000_000
        if kind == .http, random.next(below: 8) == 0 {
            let statuses: [HTTPStatus] = [503, 418, 500, 200]
            let status = random.element(of: statuses)
            return .respond(Respond(statuses: [(status, 1)], retryAfter: nil))
        }
        let loss = random.element(of: [0, 0.4, 1])
        return random.element(of: [
            .noop(Noop()), .latency(Latency(latency: 0, jitter: 0)),
            .latency(Latency(latency: 5 * millisecond, jitter: 0)),
            .latency(Latency(latency: 5 * millisecond + 3, jitter: 0)),
            .latency(Latency(latency: 12 * millisecond, jitter: 7 * millisecond)),
            .bandwidth(Bandwidth(rate: 20_000)), .bandwidth(Bandwidth(rate: 0)),
            .slicer(Slicer(averageSize: 20, sizeVariation: 5, delay: millisecond)),
            .slicer(Slicer(averageSize: 30, sizeVariation: 0, delay: 0)),
            .slicer(Slicer(averageSize: 1000, sizeVariation: 0, delay: millisecond)),
            .limitData(LimitData(bytes: Int64(random.element(of: [0, 10, 60, 110, 9999])))),
            .slowClose(SlowClose(delay: Self.slowClose)), .timeout(Timeout(timeout: 0)),
            .timeout(Timeout(timeout: 15 * millisecond)), .resetPeer(ResetPeer(timeout: 0)),
            .resetPeer(ResetPeer(timeout: 9 * millisecond)),
            .packetLoss(PacketLoss(lossRate: Probability(loss) ?? .never, correlation: .never)),
            .corrupt(Corrupt(bytes: 10, inject: random.next(below: 2) == 0)),
        ])
    }
}
