import HTTPWire
import Testing

@testable import Faults

struct PacketLossTests {
    private func stage(
        _ rate: Double, _ correlation: Double = 0, seed: UInt64 = 1
    ) throws -> PacketLossStage {
        PacketLossStage(
            PacketLoss(
                lossRate: try #require(Probability(rate)),
                correlation: try #require(Probability(correlation))), seed: seed)
    }

    /// Which of `count` pieces get through.
    private func passed(_ stage: PacketLossStage, _ count: Int) -> [Bool] {
        var stage = stage
        return (0..<count).map { _ in !stage.receive("x", at: 0).isEmpty }
    }

    @Test func `0 loses nothing and 1 everything`() throws {
        #expect(passed(try stage(0), 1000).allSatisfy { $0 })
        #expect(passed(try stage(1), 1000).allSatisfy { !$0 })
        // After nothing lost there is nothing to go with it.
        #expect(passed(try stage(0, 1), 1000).allSatisfy { $0 })
    }

    @Test(arguments: [Bytes.Harm.none, .foreign])
    func `what follows lost bytes is behind a loss, unless a fault had put them there`(
        harm: Bytes.Harm
    ) throws {
        var stage = try stage(1)
        var actions = Actions()
        let now = Instant(nanoseconds: 0)
        stage.receive(.bytes(Bytes("lost").marked(harm)), at: now, into: &actions)
        let never = PacketLoss(lossRate: .never, correlation: .never)
        stage.update(never, .stage(seed: 1), at: now, into: &actions)
        stage.receive(.bytes(Bytes("more")), at: now, into: &actions)
        guard case .bytes(let bytes) = try #require(actions.forwarded.first) else {
            Issue.record("no bytes came through")
            return
        }
        #expect(bytes.harm == (harm == .none ? .behindLoss : .none))
    }

    @Test(arguments: [0.01, 0.1, 0.5, 0.9])
    func `pieces are lost as often as the rate says`(rate: Double) throws {
        let trials = 100_000
        let lost = passed(try stage(rate), trials).count { !$0 }
        let mean = Double(trials) * rate
        #expect(abs(Double(lost) - mean) <= 5 * (mean * (1 - rate)).squareRoot())
    }

    @Test func `after a lost piece the next is lost so much more often`() throws {
        let passed = passed(try stage(0.2, 0.5), 100_000)
        let pairs = zip(passed, passed.dropFirst())
        let afterLoss = pairs.filter { !$0.0 }
        let afterPass = pairs.filter(\.0)
        for (pairs, rate) in [(afterLoss, 0.7), (afterPass, 0.2)] {
            let mean = Double(pairs.count) * rate
            let lost = Double(pairs.count { !$0.1 })
            #expect(abs(lost - mean) <= 5 * (mean * (1 - rate)).squareRoot())
        }
    }

    @Test func `a sum over 1 is 1: what is lost once stays lost`() throws {
        let passed = passed(try stage(0.5, 0.9), 1000)
        let firstLoss = try #require(passed.firstIndex(of: false))
        #expect(passed[firstLoss...].allSatisfy { !$0 })
    }

    @Test func `a piece is lost whole, and only bytes are`() throws {
        var stage = try stage(1)
        #expect(stage.receive("abc", at: 0) == [])
        #expect(stage.receive(.boundary, at: 0) == ["boundary"])
        #expect(stage.receive(.cut(.fin), at: 0) == ["fin"])
        #expect(stage.receiveEnd(at: 0) == ["end"])
        #expect(stage.heldBytes == 0)
        #expect(stage.release(at: 0) == [])
        #expect(stage.deadline == nil)
    }

    @Test func `the seed decides which`() throws {
        #expect(passed(try stage(0.5, seed: 3), 64) == passed(try stage(0.5, seed: 3), 64))
        #expect(passed(try stage(0.5, seed: 3), 64) != passed(try stage(0.5, seed: 4), 64))
    }

    @Test func `other rates hold from the next piece on`() throws {
        var stage = try stage(1)
        #expect(stage.receive("a", at: 0) == [])
        _ = stage.update(PacketLoss(lossRate: .never, correlation: .never))
        #expect(stage.receive("b", at: 0) == ["b"])
    }
}
