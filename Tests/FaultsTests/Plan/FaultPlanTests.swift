import HTTPWire
import Testing

@testable import Faults

struct FaultPlanTests {
    private let delay = Fault.latency(Latency(latency: 2_750_000_000, jitter: 2_250_000_000))
    private let answer = Fault.respond(
        Respond(statuses: [(418, 1), (503, 1)], retryAfter: nil))

    /// The plan of the ERROR server as it is by default.
    private func plan(
        seed: UInt64 = 42, proxy: String = "error", errors: Double = 0.25, delays: Double = 0.5,
        more: [Toxic] = []
    ) throws -> FaultPlan {
        let (errors, delays) = (Probability(errors), Probability(delays))
        return FaultPlan(
            [
                Toxic(answer, stream: .upstream, toxicity: .random(try #require(errors))),
                Toxic(delay, stream: .downstream, toxicity: .random(try #require(delays))),
            ] + more, proxy: proxy, seed: seed)
    }

    private func exchange(_ target: String, _ attempt: UInt32 = 1, number: UInt64 = 1) -> DrawKey {
        DrawKey(
            target: SeededGenerator.hash(target.utf8), attempt: attempt, number: number)
    }

    /// 194 targets like those of the flags.
    private let targets: [String] = (0..<194).map { index in
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let code = "\(letters[index / 26])\(letters[index % 26])"
        return "/flags/\(code)/\(code).gif"
    }

    /// What one exchange meets, by toxic.
    private func fate(_ plan: FaultPlan, _ exchange: DrawKey) -> [String: Effect] {
        Dictionary(
            uniqueKeysWithValues: plan.draw(exchange).map { ($0.toxic.name, $0.effect) })
    }

    // MARK: What the draw depends on

    /// Worked out by another implementation of the same rules: whoever changes the generator, the
    /// hash or the order of draws changes what every published seed means.
    @Test func `the fates of seed 42 are pinned`() throws {
        let golden: [(String, UInt32, UInt16?, Nanoseconds?)] = [
            ("br", 1, nil, 2_835_859_248), ("br", 2, nil, nil), ("br", 3, nil, nil),
            ("cn", 1, nil, 2_088_640_563), ("cn", 2, 503, nil), ("cn", 3, nil, 4_425_915_652),
            ("in", 1, 503, 1_491_445_219), ("in", 2, nil, nil), ("in", 3, 503, 3_009_782_884),
            ("us", 1, nil, 3_578_963_115), ("us", 2, nil, 2_114_129_972),
            ("us", 3, nil, 1_627_707_198), ("id", 1, nil, nil), ("id", 2, nil, nil),
            ("id", 3, nil, 1_061_577_097), ("de", 1, nil, nil), ("de", 2, 418, 4_432_907_876),
            ("de", 3, nil, 3_697_468_350),
        ]
        let plan = try plan()
        for (code, attempt, status, time) in golden {
            var expected: [String: Effect] = [:]
            expected["respond_upstream"] = status.flatMap { HTTPStatus(Int($0)) }.map {
                .respond($0, retryAfter: nil)
            }
            expected["latency_downstream"] = time.map { .latency($0) }
            let actual = fate(plan, exchange("/flags/\(code)/\(code).gif", attempt))
            #expect(actual == expected, "\(code), attempt \(attempt)")
        }
    }

    @Test func `a request meets the same fate in whatever order it comes`() throws {
        let exchanges = targets.flatMap { target in (1...3).map { exchange(target, $0) } }
        let forwards = try plan()
        let expected = exchanges.map { fate(forwards, $0) }
        let backwards = try plan()
        #expect(exchanges.reversed().map { fate(backwards, $0) } == expected.reversed())
        #expect(exchanges.map { fate(forwards, $0) } == expected)
    }

    @Test func `the number of the exchange does not matter to a coin`() throws {
        let plan = try plan()
        for target in targets {
            let expected = fate(plan, exchange(target, number: 1))
            for number in [2, 77, UInt64.max] {
                #expect(fate(plan, exchange(target, number: number)) == expected)
            }
        }
    }

    @Test func `one toxic more changes no other's fate, wherever it stands`() throws {
        let more = Toxic(delay, stream: .downstream, name: "more")
        let (without, with) = (try plan(), try plan(more: [more]))
        let before = FaultPlan([more] + without.toxics, proxy: "error", seed: 42)
        for target in targets {
            let expected = fate(without, exchange(target))
            for plan in [with, before] {
                var actual = fate(plan, exchange(target))
                #expect(actual.removeValue(forKey: "more") != nil)
                #expect(actual == expected)
            }
        }
    }

    @Test func `another rate of one toxic does not change the other`() throws {
        let (few, many) = (try plan(errors: 0.1), try plan(errors: 0.9))
        for target in targets {
            let (one, other) = (fate(few, exchange(target)), fate(many, exchange(target)))
            #expect(one["latency_downstream"] == other["latency_downstream"])
            // Who is hit at a low rate is hit alike at a high one.
            if let hit = one["respond_upstream"] { #expect(other["respond_upstream"] == hit) }
        }
    }

    @Test func `seed, proxy, name, target and attempt each make another fate`() throws {
        let plan = try plan()
        let renamed = FaultPlan(
            plan.toxics.enumerated().map { index, toxic in
                Toxic(
                    toxic.fault, stream: toxic.stream, toxicity: toxic.toxicity, name: "\(index)")
            }, proxy: "error", seed: 42)
        let others = [try self.plan(seed: 43), try self.plan(proxy: "chaos"), renamed]
        let effects = { (plan: FaultPlan, attempt: UInt32) in
            targets.map { plan.draw(exchange($0, attempt)).map(\.effect) }
        }
        let first = effects(plan, 1)
        for other in others { #expect(effects(other, 1) != first) }
        #expect(effects(plan, 2) != first)
        #expect(Set(targets.map { plan.draw(exchange($0)).count }) == [0, 1, 2])
    }

    // MARK: Shares

    @Test(arguments: [0.05, 0.25, 0.5, 0.9])
    func `a coin falls as often as its rate says`(rate: Double) throws {
        let seeds = 250
        var hits = 0
        for seed in 0..<seeds {
            let plan = try plan(seed: UInt64(seed), errors: rate, delays: 0)
            hits += targets.count { !plan.draw(exchange($0)).isEmpty }
        }
        let trials = Double(seeds * targets.count)
        let bound = 5 * (trials * rate * (1 - rate)).squareRoot()
        #expect(abs(Double(hits) - trials * rate) <= bound)
    }

    @Test func `the two coins of ERROR are independent`() throws {
        var both = 0
        for seed in 0..<250 {
            let plan = try plan(seed: UInt64(seed))
            both += targets.count { plan.draw(exchange($0)).count == 2 }
        }
        let (trials, rate) = (250.0 * 194, 0.125)
        #expect(
            abs(Double(both) - trials * rate) <= 5 * (trials * rate * (1 - rate)).squareRoot())
    }

    @Test func `toxicity 0 is no effect and 1 is always one`() throws {
        let (never, always) = (
            try plan(errors: 0, delays: 0), try plan(errors: 1, delays: 1)
        )
        for target in targets {
            #expect(never.draw(exchange(target)).isEmpty)
            #expect(always.draw(exchange(target)).count == 2)
        }
    }

    // MARK: What is drawn

    @Test func `the draw of a hit is shown and lies below the toxicity`() throws {
        let plan = try plan()
        for target in targets {
            for drawn in plan.draw(exchange(target)) {
                let draw = try #require(drawn.draw)
                #expect(draw >= 0 && draw < drawn.toxic.toxicity.probability.fraction)
            }
        }
    }

    @Test func `faults are drawn in the order of the toxics`() throws {
        let plan = try plan(errors: 1, delays: 1)
        #expect(plan.draw(exchange("/")).map(\.toxic.name) == plan.toxics.map(\.name))
    }

    @Test func `an empty plan draws nothing`() {
        let plan = FaultPlan([], proxy: "local", seed: 42)
        #expect(plan.isEmpty)
        #expect(plan.draw(exchange("/")).isEmpty)
    }

    @Test func `the exact mode hits five of each twenty and says no draw`() throws {
        let quarter = try #require(Probability(0.25))
        let plan = FaultPlan(
            [Toxic(answer, stream: .upstream, toxicity: .exact(quarter))], proxy: "error", seed: 42)
        for deck in 0..<UInt64(10) {
            let drawn = (1...20).flatMap {
                plan.draw(exchange(targets[Int($0)], number: deck * 20 + $0))
            }
            #expect(drawn.count == 5)
            #expect(drawn.allSatisfy { $0.draw == nil })
        }
    }

    @Test func `in exact mode the effect depends on the number alone`() throws {
        let toxic = Toxic(delay, stream: .downstream, toxicity: .exact(.always))
        let plan = FaultPlan([toxic], proxy: "p", seed: 42)
        let effects = targets.map { plan.draw(exchange($0, number: 7)).map(\.effect) }
        #expect(effects.allSatisfy { $0 == effects[0] && $0.count == 1 })
        let others = (1...20).map { plan.draw(exchange(targets[0], number: $0)).map(\.effect) }
        #expect(Set(others.map { "\($0)" }).count > 1)
    }
}
