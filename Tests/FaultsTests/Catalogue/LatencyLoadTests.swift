import HTTPWire
import Testing

@testable import Faults

/// A server that gets slower under load, and delays that are spread otherwise than evenly.
struct LatencyLoadTests {
    private let loaded = Latency(latency: 20, jitter: 0, .uniform, perInFlight: 10)

    private func drawn(_ latency: Latency, _ key: DrawKey) -> [FaultPlan.DrawnFault] {
        let toxic = Toxic(.latency(latency), stream: .downstream)
        return FaultPlan([toxic], proxy: "p", seed: 1).draw(key)
    }

    private func exchange(_ target: UInt64, inFlight: UInt32) -> DrawKey {
        var key = DrawKey(target: target, attempt: 1, number: 1)
        key.inFlight = inFlight
        return key
    }

    @Test func `each exchange under way costs so much more`() {
        for count in [1, 2, 7, 1000] as [UInt32] {
            let effect = drawn(loaded, exchange(1, inFlight: count)).first?.effect
            #expect(effect == .latency(20 + 10 * UInt64(count)))
        }
    }

    @Test func `what is drawn does not depend on the load`() {
        for distribution in DelayDistribution.allCases {
            let plain = Latency(latency: 1000, jitter: 500, distribution)
            let loaded = Latency(latency: 1000, jitter: 500, distribution, perInFlight: 7)
            for target in 0..<100 as Range<UInt64> {
                guard
                    case .latency(let alone)? = drawn(plain, exchange(target, inFlight: 9)).first?
                        .effect,
                    case .latency(let more)? = drawn(loaded, exchange(target, inFlight: 9)).first?
                        .effect
                else {
                    Issue.record("no latency")
                    return
                }
                #expect(more == alone + 63)
            }
        }
    }

    @Test func `no load makes more than the longest delay`() {
        let longest = Latency(
            latency: 1_000_000_000_000_000_000, jitter: 0, .uniform,
            perInFlight: 1_000_000_000_000_000_000)
        #expect(
            drawn(longest, exchange(1, inFlight: .max)).first?.effect
                == .latency(DelayDistribution.longest))
    }

    @Test func `what was drawn before it began is loaded when it begins`() {
        for target in 0..<20 as Range<UInt64> {
            let latency = Latency(latency: 1000, jitter: 50, .pareto, perInFlight: 7)
            var early = drawn(latency, exchange(target, inFlight: 0))
            early[0].begin(inFlight: 9)
            #expect(early[0].effect == drawn(latency, exchange(target, inFlight: 9))[0].effect)
        }
    }

    @Test func `on a connection each flow draws, with the load at its begin`() {
        var key = DrawKey(connection: 1)
        key.inFlight = 3
        let latency = Latency(latency: 1000, jitter: 50, .normal, perInFlight: 100)
        var pipeline = Pipeline(drawn(latency, key), stream: .downstream)
        var delays: [UInt64] = []
        for index in 0..<200 as Range<UInt64> {
            _ = pipeline.receive("x", at: index * 10_000)
            delays += pipeline.run().map { $0.time - index * 10_000 }
        }
        #expect(delays.count == 200)
        #expect(Set(delays).count > 100)
        #expect(delays.allSatisfy { (1300 - 320...1300 + 320).contains($0) })
        #expect((1290...1310).contains(delays.reduce(0, +) / 200))
    }

    @Test func `a change while traffic flows keeps the load`() {
        var key = DrawKey(connection: 1)
        key.inFlight = 3
        var pipeline = Pipeline(drawn(Latency(latency: 10, jitter: 0), key), stream: .downstream)
        let other = drawn(Latency(latency: 0, jitter: 0, .uniform, perInFlight: 100), key)
        _ = pipeline.step {
            $0.replace(
                with: other, stream: .downstream, credits: nil, at: Instant(nanoseconds: 0),
                into: &$1)
        }
        _ = pipeline.receive("x", at: 0)
        #expect(pipeline.run() == [Departure(300, "x")])
    }

    @Test func `it is told in words`() {
        let knee = Latency(latency: 20_000_000, jitter: 0, .uniform, perInFlight: 10_000_000)
        #expect(knee.words == "20 ms + 10 ms per exchange in flight")
        let spread = Latency(latency: 200_000_000, jitter: 50_000_000, .lognormal)
        #expect(spread.words == "lognormal 0.2 s ± 50 ms")
        #expect(Latency(latency: 200_000_000, jitter: 0, .normal).words == "0.2 s")
    }

    @Test func `a spread that only a mean gives needs one`() throws {
        let given: [String: Quantity] = [
            "jitter": .number(5), "distribution": .word("pareto"),
        ]
        #expect(throws: FaultError.self) { try Fault(Latency.type, given) }
        #expect(throws: Never.self) {
            try Fault(Latency.type, given.merging(["latency": .number(1)]) { $1 })
        }
        #expect(throws: Never.self) {
            try Fault(Latency.type, given.merging(["distribution": .word("normal")]) { $1 })
        }
    }
}
