import HTTPWire
import Testing

@testable import Faults

struct BehaviourMixTests {
    private let errors = Respond(statuses: [(500, 1)], retryAfter: nil)

    private func refusal(_ text: String) -> String {
        do {
            return "\(try BehaviourMix(text, errors: nil))"
        } catch {
            return error.description
        }
    }

    // MARK: The text

    @Test(arguments: ["25:error,50:delay", "delay", "50:dummy", "0:hang", "99:abort,1:transient"])
    func `a mix says what can be given again`(text: String) throws {
        let mix = try BehaviourMix(text, errors: errors)
        #expect(mix.description == text)
        #expect(try BehaviourMix(mix.description, errors: errors) == mix)
    }

    @Test func `one behaviour for all is just its name`() throws {
        #expect(try BehaviourMix("100:delay", errors: nil).description == "delay")
        #expect(try BehaviourMix("delay", errors: nil) == BehaviourMix("100:delay", errors: nil))
        #expect(try BehaviourMix(" 25:error , 50 : delay", errors: nil).parts.count == 2)
    }

    @Test func `each toxic has its behaviour's share for a toxicity`() throws {
        let mix = try BehaviourMix("25:error,75:dummy", errors: errors)
        #expect(mix.parts.map(\.percent) == [25, 75])
        #expect(mix.parts.map(\.behaviour) == [.error, .dummy])
        #expect(mix.parts[0].toxics.map(\.toxicity.probability.fraction) == [0.25])
        #expect(mix.parts[1].toxics.isEmpty)
    }

    @Test func `options are those of each behaviour`() throws {
        var options = Behaviour.Options()
        options.sleep = 7
        let mix = try BehaviourMix("50:delay,10:error", options: [.delay: options], errors: errors)
        #expect(mix.parts[0].toxics.map(\.fault) == [.latency(Latency(latency: 7, jitter: 0))])
        #expect(mix.parts[1].toxics.map(\.fault) == [.respond(errors)])
    }

    @Test func `a refusal says why`() {
        let all = "abort, blackout, delay, dummy, error, hang and transient"
        let write = "in the behavior mix is not <percent>:<behavior>. Write 25:error,50:delay."
        let cases = [
            ("80:error,50:delay", "the behavior mix adds up to 130 % (error 80, delay 50)."),
            ("50:slow", "unknown behavior 'slow'. There are \(all)."),
            ("slow", "unknown behavior 'slow'. There are \(all)."),
            ("Delay", "unknown behavior 'Delay'. There are \(all)."),
            ("10:error,20:error", "the behavior mix names 'error' twice."),
            ("101:error", "'101:error' in the behavior mix is more than 100 %."),
            ("", "'' \(write)"), ("x:error", "'x:error' \(write)"),
            ("-1:error", "'-1:error' \(write)"), ("1.5:error", "'1.5:error' \(write)"),
            ("50:", "'50:' \(write)"), ("50:error,", "'' \(write)"),
            ("error,50:delay", "'error' \(write)"),
            ("99999999999999999999:error", "'99999999999999999999:error' \(write)"),
        ]
        for (text, message) in cases { #expect(refusal(text) == message) }
    }

    // MARK: The draw

    private func plan(
        _ mix: String, toxics: [Toxic] = [], seed: UInt64 = 42, first: UInt64 = 0,
        options: [Behaviour: Behaviour.Options] = [:]
    ) throws -> FaultPlan {
        let mix = try BehaviourMix(mix, options: options, errors: errors)
        return FaultPlan(toxics, mix: mix, proxy: "chaos", seed: seed, first: first)
    }

    private func names(_ plan: FaultPlan, _ count: UInt64) -> [[String]] {
        (1...count).map { number in
            let target = SeededGenerator.mix(number)
            return plan.draw(DrawKey(target: target, attempt: 1, number: number)).map(\.toxic.name)
        }
    }

    @Test func `at most one behaviour is drawn, each as often as it says`() throws {
        let trials: UInt64 = 100_000
        let drawn = names(try plan("25:error,50:delay,5:hang"), trials)
        #expect(drawn.allSatisfy { $0.count <= 1 })
        for (name, rate) in [("error", 0.25), ("delay", 0.5), ("hang", 0.05)] {
            let mean = Double(trials) * rate
            let hits = Double(drawn.count { $0 == [name] })
            #expect(abs(hits - mean) <= 5 * (mean * (1 - rate)).squareRoot(), "\(name)")
        }
    }

    @Test func `100 percent are all and 0 none`() throws {
        #expect(names(try plan("delay"), 1000).allSatisfy { $0 == ["delay"] })
        #expect(names(try plan("0:delay"), 1000).allSatisfy(\.isEmpty))
        #expect(names(try plan("dummy"), 1000).allSatisfy(\.isEmpty))
        #expect(names(try plan("50:error,50:delay"), 1000).allSatisfy { $0.count == 1 })
    }

    @Test func `the draw that is shown lies below the share`() throws {
        let plan = try plan("25:error,50:delay")
        for number in 1...UInt64(2000) {
            for fault in plan.draw(DrawKey(target: number, attempt: 1, number: number)) {
                let draw = try #require(fault.draw)
                #expect(draw >= 0 && draw < fault.toxic.toxicity.probability.fraction)
            }
        }
    }

    @Test func `a toxic more does not change the mix, nor the mix a toxic`() throws {
        let half = try #require(Probability(0.5))
        let toxic = Toxic(
            .latency(Latency(latency: 1, jitter: 0)), stream: .upstream, toxicity: .random(half),
            name: "t")
        let mixed = names(try plan("25:error,50:delay"), 1000)
        let both = names(try plan("25:error,50:delay", toxics: [toxic]), 1000)
        let alone = names(FaultPlan([toxic], proxy: "chaos", seed: 42), 1000)
        #expect(both == zip(alone, mixed).map { $0 + $1 })
        #expect(names(try plan("25:error,50:delay", seed: 43), 1000) != mixed)
    }

    @Test func `warm-up and agitation count from when the mix was set`() throws {
        var options = Behaviour.Options()
        (options.warmup, options.agitate) = (2, 3)
        let plan = try plan("transient", first: 10, options: [.transient: options])
        let hit = names(plan, 30).enumerated().filter { !$0.element.isEmpty }.map { $0.offset + 1 }
        #expect(hit == [13, 14, 15])
    }

    @Test func `a mix alone makes a plan that is not empty`() throws {
        #expect(!(try plan("dummy").isEmpty))
        #expect(FaultPlan([], proxy: "p", seed: 1).isEmpty)
    }
}
