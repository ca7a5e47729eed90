import HTTPWire
import Testing

@testable import Faults

struct FaultPlanRangeTests {
    private func plan(
        _ range: String, _ counting: ExchangeRange.Counting = .target, first: UInt64 = 0
    ) throws -> FaultPlan {
        let exchanges = try ExchangeRange(range, counting: counting)
        return FaultPlan(
            [Toxic(.timeout(Timeout(timeout: 1)), stream: .upstream, exchanges: exchanges)],
            proxy: "p",
            seed: 1, first: first)
    }

    private func hits(_ plan: FaultPlan, _ exchange: (UInt64) -> DrawKey) -> [UInt64] {
        (1...20).filter { !plan.draw(exchange($0)).isEmpty }
    }

    @Test func `attempts at a target are counted, whatever the number of the exchange`() throws {
        let attempts = hits(try plan("1...2")) {
            DrawKey(target: 5, attempt: UInt32($0), number: 1000 + $0)
        }
        #expect(attempts == [1, 2])
    }

    @Test func `exchanges of the proxy are counted from when the plan began`() throws {
        let plain = { DrawKey(target: $0, attempt: 1, number: $0) }
        #expect(hits(try plan("every 4", .proxy), plain) == [4, 8, 12, 16, 20])
        #expect(hits(try plan("1...2", .proxy, first: 7), plain) == [8, 9])
        #expect(hits(try plan("1...", .proxy, first: 30), plain) == [])
    }

    @Test func `connections are counted either way`() throws {
        #expect(hits(try plan("3"), DrawKey.init(connection:)) == [3])
        #expect(hits(try plan("3", .proxy), DrawKey.init(connection:)) == [3])
        #expect(hits(try plan("3", .proxy, first: 2), DrawKey.init(connection:)) == [5])
    }

    @Test func `each connection has a fate of its own, the same with the same seed`() throws {
        let half = try #require(Probability(0.5))
        let toxic = Toxic(.noop(Noop()), stream: .upstream, toxicity: .random(half))
        let fates = ([1, 1, 2] as [UInt64]).map { seed in
            let plan = FaultPlan([toxic], proxy: "p", seed: seed)
            return (1...2000).map { plan.draw(DrawKey(connection: $0)).count }
        }
        #expect(fates[0] == fates[1])
        #expect(fates[0] != fates[2])
        #expect(abs(fates[0].count { $0 == 1 } - 1000) <= 112)
    }

    @Test func `only what is hit otherwise is asked for its match`() throws {
        var match = Match()
        match.path = "/a"
        let toxics = [
            Toxic(.noop(Noop()), stream: .upstream, name: "any"),
            Toxic(.noop(Noop()), stream: .upstream, name: "some", match: match),
            Toxic(
                .noop(Noop()), stream: .upstream, toxicity: .random(.never), name: "none",
                match: match),
        ]
        let plan = FaultPlan(toxics, proxy: "p", seed: 1)
        let exchange = DrawKey(target: 1, attempt: 1, number: 1)
        var asked: [Match] = []
        let drawn = plan.draw(exchange) { match in
            asked.append(match)
            return false
        }
        #expect(drawn.map(\.toxic.name) == ["any"])
        #expect(asked == [match])
        #expect(plan.draw(exchange) { _ in true }.map(\.toxic.name) == ["any", "some"])
    }

    @Test func `a toxic with counts of its own is asked for all that it lets in`() throws {
        var match = Match()
        match.path = "/a"
        let never = Toxic.Toxicity.random(.never)
        let counted = ["1...2", "9"].map { text in
            Toxic(
                .noop(Noop()), stream: .upstream, toxicity: text == "9" ? .random(.always) : never,
                name: text, exchanges: try? ExchangeRange(text, counting: .match), match: match)
        }
        let plain = Toxic(.noop(Noop()), stream: .upstream, name: "plain", match: match)
        let plan = FaultPlan(counted + [plain], proxy: "p", seed: 1)
        #expect(plan.hasOwnCounts)
        #expect(!FaultPlan([plain], proxy: "p", seed: 1).hasOwnCounts)
        var asked: [String] = []
        for (number, isIn) in [(1, true), (2, false), (3, true)] as [(UInt64, Bool)] {
            let exchange = DrawKey(target: 1, attempt: 1, number: number)
            let drawn = plan.draw(exchange) { _ in
                isIn
            } counting: { toxic in
                asked.append(toxic.name)
                return number == 3 ? 9 : 1
            }
            let names = number == 3 ? ["9", "plain"] : ["plain"]
            #expect(drawn.map(\.toxic.name) == (isIn ? names : []))
        }
        #expect(asked == ["1...2", "9", "1...2", "9"])
    }

    @Test func `a toxic that is kept from an exchange changes no other's fate`() throws {
        let half = try #require(Probability(0.5))
        let delay = Toxic(
            .latency(Latency(latency: 9, jitter: 5)), stream: .upstream, toxicity: .random(half),
            name: "d")
        let ranged = Toxic(
            .latency(Latency(latency: 9, jitter: 5)), stream: .upstream, name: "r",
            exchanges: try ExchangeRange("every 3"))
        let (alone, both) = (
            FaultPlan([delay], proxy: "p", seed: 1),
            FaultPlan([ranged, delay], proxy: "p", seed: 1)
        )
        for attempt in 1...UInt32(300) {
            let exchange = DrawKey(target: 7, attempt: attempt, number: 1)
            let effects = both.draw(exchange).filter { $0.toxic.name == "d" }.map(\.effect)
            #expect(effects == alone.draw(exchange).map(\.effect))
        }
    }
}
