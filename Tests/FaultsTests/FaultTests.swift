import HTTPWire
import Testing

@testable import Faults

struct FaultTests {
    private func delays(_ latency: Nanoseconds, _ jitter: Nanoseconds, count: Int) -> [Nanoseconds]
    {
        let fault = Fault.latency(latency: latency, jitter: jitter)
        return (0..<count).compactMap { seed in
            var generator = SeededGenerator(seed: UInt64(seed))
            guard case .latency(let delay) = fault.effect(&generator) else { return nil }
            return delay
        }
    }

    private func answers(_ respond: Fault.Respond, count: Int) -> [HTTPStatus: Int] {
        var seen: [HTTPStatus: Int] = [:]
        for seed in 0..<count {
            var generator = SeededGenerator(seed: UInt64(seed))
            guard case .respond(let status, _) = Fault.respond(respond).effect(&generator) else {
                continue
            }
            seen[status, default: 0] += 1
        }
        return seen
    }

    // MARK: Latency

    @Test func `a latency without jitter is exact and draws nothing`() {
        #expect(Set(delays(123_456_789, 0, count: 50)) == [123_456_789])
        var generator = SeededGenerator(seed: 4)
        var untouched = generator
        _ = Fault.latency(latency: 5, jitter: 0).effect(&generator)
        #expect(generator.next() == untouched.next())
    }

    @Test func `jitter reaches both of its bounds and goes no further`() {
        for (latency, jitter) in [(10, 1), (10, 3), (10, 10), (1_000_000, 2)] as [(UInt64, UInt64)]
        {
            let expected = Set(latency - jitter...latency + jitter)
            #expect(Set(delays(latency, jitter, count: 2000)) == expected)
        }
    }

    @Test func `jitter is even over its range`() {
        var counts: [Nanoseconds: Int] = [:]
        for delay in delays(100, 2, count: 50_000) { counts[delay, default: 0] += 1 }
        #expect(counts.count == 5)
        // Five standard deviations of a binomial with 50 000 trials of 0.2 are 447.
        for (delay, count) in counts { #expect(abs(count - 10_000) <= 447, "\(delay)") }
    }

    @Test func `what jitter would take below zero is zero`() {
        let seen = delays(1, 3, count: 7000)
        #expect(Set(seen) == [0, 1, 2, 3, 4])
        // Three of seven outcomes: -2, -1 and 0. Five standard deviations are 207.
        #expect(abs(seen.count { $0 == 0 } - 3000) <= 207)
        #expect(Set(delays(0, 1, count: 100)) == [0, 1])
    }

    @Test func `the largest jitter that is allowed stays within its bounds`() {
        let jitter: Nanoseconds = 1 << 53
        let latency: Nanoseconds = 1 << 54
        for delay in delays(latency, jitter, count: 1000) {
            #expect(delay >= latency - jitter && delay <= latency + jitter)
        }
    }

    // MARK: Respond

    @Test func `statuses come as often as their weights say`() {
        let respond = Fault.Respond(
            statuses: [(418, 1), (503, 3), (500, 6)], retryAfter: nil)
        let seen = answers(respond, count: 20_000)
        #expect(seen.count == 3)
        // Five standard deviations of 20 000 trials of 0.1, 0.3 and 0.6.
        #expect(abs(seen[418, default: 0] - 2000) <= 212)
        #expect(abs(seen[503, default: 0] - 6000) <= 324)
        #expect(abs(seen[500, default: 0] - 12_000) <= 346)
    }

    @Test func `a status of weight 0 never comes`() {
        let respond = Fault.Respond(statuses: [(500, 0), (418, 1), (503, 0)], retryAfter: nil)
        #expect(answers(respond, count: 500) == [418: 500])
    }

    @Test func `a single status always comes`() {
        let respond = Fault.Respond(statuses: [(404, .max)], retryAfter: nil)
        #expect(answers(respond, count: 100) == [404: 100])
    }

    @Test func `the greatest weights do not overflow`() {
        let respond = Fault.Respond(statuses: [(418, .max), (503, .max)], retryAfter: nil)
        let seen = answers(respond, count: 2000)
        #expect(abs(seen[418, default: 0] - 1000) <= 112)
    }

    @Test func `Retry-After is in whole seconds, rounded up`() {
        let cases: [(Nanoseconds, UInt64)] = [
            (0, 0), (1, 1), (999_999_999, 1), (1_000_000_000, 1), (1_000_000_001, 2),
            (60_000_000_000, 60),
        ]
        for (retryAfter, seconds) in cases {
            for status in [503, 429] as [HTTPStatus] {
                #expect(Fault.Respond.retryAfterSeconds(status, retryAfter) == seconds)
            }
        }
    }

    @Test func `only 503 and 429 have a Retry-After`() {
        for status in [418, 500, 502, 504, 404, 301] as [HTTPStatus] {
            #expect(Fault.Respond.retryAfterSeconds(status, 1) == nil)
        }
        #expect(Fault.Respond.retryAfterSeconds(503, nil) == nil)
    }

    // MARK: Names

    @Test func `a toxic is named after its fault and stream unless it is told otherwise`() {
        let latency = Fault.latency(latency: 1, jitter: 0)
        let respond = Fault.respond(Fault.Respond(statuses: [(418, 1)], retryAfter: nil))
        #expect(Toxic(latency, stream: .downstream).name == "latency_downstream")
        #expect(Toxic(latency, stream: .upstream).name == "latency_upstream")
        #expect(Toxic(respond, stream: .upstream).name == "respond_upstream")
        #expect(Toxic(latency, stream: .upstream, name: "mine").name == "mine")
        #expect(Toxic(latency, stream: .upstream).toxicity.probability == .always)
    }

    @Test func `toxics are equal if all of them is`() throws {
        let fault = Fault.latency(latency: 1, jitter: 0)
        let range = try ExchangeRange("1...2")
        let toxic = Toxic(fault, stream: .upstream)
        #expect(toxic == Toxic(fault, stream: .upstream))
        var match = Match()
        match.path = "/*"
        let others = [
            Toxic(.noop, stream: .upstream, name: toxic.name),
            Toxic(fault, stream: .downstream, name: toxic.name),
            Toxic(fault, stream: .upstream, toxicity: .exact(.always)),
            Toxic(fault, stream: .upstream, name: "other"),
            Toxic(fault, stream: .upstream, exchanges: range),
            Toxic(fault, stream: .upstream, match: match),
            Toxic(fault, stream: .upstream, streamSpelling: "UpStream"),
        ]
        for other in others { #expect(toxic != other) }
        #expect(toxic.streamSpelling == "upstream")
        #expect(others.last?.streamSpelling == "UpStream")
    }

    // MARK: Connections

    @Test func `the jitter of a connection is left to its stage`() {
        let fault = Fault.latency(latency: 10, jitter: 5)
        var generator = SeededGenerator(seed: 1)
        guard case .stage = fault.effect(&generator, isConnection: true) else {
            Issue.record("drawn once for all flows")
            return
        }
        let plain = Fault.latency(latency: 10, jitter: 0)
        #expect(plain.effect(&generator, isConnection: true) == .latency(10))
    }
}
