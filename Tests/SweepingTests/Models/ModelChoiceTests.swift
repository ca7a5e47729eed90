import Testing

@testable import Sweeping

struct ModelChoiceTests {
    private static let numbers = [1, 2, 4, 5, 6, 7, 8, 10, 12, 14, 16]
    private static let wide = [1, 2, 4, 8, 16, 32, 64, 80, 96, 112, 128]

    private func reason(_ choice: ModelChoice) -> String? {
        guard case .none(let reason) = choice.knee else { return nil }
        return reason
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a queue of 8 has its knee at 8`(seed: UInt64) throws {
        let queue = SweepModel.bounds(time: 0.5, roof: 16)
        let choice = ModelChoice(points(queue, Self.numbers, noise: 0.03, seed: seed), seed: seed)
        guard case .at(let knee) = choice.knee, case .bounds(let time, let roof) = choice.model
        else { throw Unexpected(choice: choice) }
        #expect(knee.rounded() == 8)
        #expect((time - 0.5).magnitude < 0.03 && (roof - 16).magnitude < 1)
        #expect(choice.intervals == nil)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `DELAY has none`(seed: UInt64) {
        let delay = SweepModel.bounds(time: 0.5, roof: .infinity)
        let choice = ModelChoice(points(delay, Self.wide, noise: 0.03, seed: seed), seed: seed)
        #expect(reason(choice) == "no knee up to 128: every connection more brings the same")
    }

    @Test func `a server that agrees on everything has its peak as the knee`() throws {
        let law = SweepModel.scalability(contention: 0.03, coherency: 0.0005, single: 20)
        for seed in 1...10 as ClosedRange<UInt64> {
            let choice = ModelChoice(
                points(law, ScalabilityFitTests.numbers, noise: 0.02, seed: seed), seed: seed)
            guard case .scalability = choice.model, case .at(let knee) = choice.knee
            else { throw Unexpected(choice: choice) }
            // √(0.97 / 0.0005) = 44.05
            #expect((38...51).contains(knee), "\(knee)")
            #expect(choice.intervals?.coherency.lowerBound ?? 0 > 0)
        }
    }

    @Test func `a server whose answers take longer with each more is told by the law`() {
        // 10 ms and 1 ms for each: 1 / 11 ms alone, 1000/s at most.
        let law = SweepModel.scalability(contention: 1 / 11, coherency: 0, single: 1 / 0.011)
        let measured = points(law, [1, 2, 4, 8, 10, 12, 14, 16], noise: 0.01)
        let choice = ModelChoice(measured, seed: 1)
        guard case .scalability(let contention, _, _) = choice.model else {
            Issue.record("\(choice)")
            return
        }
        #expect((contention - 1 / 11).magnitude < 0.02)
        #expect(reason(choice)?.contains("every connection more brings a little less") == true)
    }

    @Test func `without errors the simpler model that is exact wins`() {
        let delay = ModelChoice(points(.bounds(time: 0.5, roof: .infinity), Self.wide), seed: 1)
        #expect(delay.model == .bounds(time: 0.5, roof: .infinity))
        let queue = ModelChoice(points(.bounds(time: 0.5, roof: 16), Self.numbers), seed: 1)
        #expect(queue.model == .bounds(time: 0.5, roof: 16))
        guard case .at(let knee) = queue.knee else {
            Issue.record("\(queue)")
            return
        }
        #expect(knee == 8)
    }

    @Test func `with fewer than five numbers there is no knee, and that is the reason`() {
        let queue = SweepModel.bounds(time: 0.5, roof: 4)
        let choice = ModelChoice(points(queue, [1, 2, 4, 8]), seed: 1)
        #expect(
            reason(choice) == "no knee up to 8: it takes 5 numbers to see one, and there are 4")
        #expect(reason(ModelChoice([], seed: 1)) == "no knee: nothing succeeded")
    }

    @Test func `where one connection brings all there is no knee`() {
        let choice = ModelChoice(
            points(.bounds(time: 0.01, roof: 100), Self.wide, noise: 0.02), seed: 1)
        #expect(reason(choice) == "no knee up to 128: 1 already brings nearly all")
    }

    @Test func `chance has no knee`() {
        let rates: [Double] = [10, 30, 5, 90, 20, 60, 15, 80, 12]
        let measured = zip(Self.wide, rates).map {
            RatePoint(concurrency: Double($0), rate: $1, uncertainty: $1 / 50)
        }
        #expect(reason(ModelChoice(measured, seed: 1)) != nil)
    }

    @Test func `a criterion needs more points than unknowns`() {
        let fewest = (1...3).map { parameters in
            (1...9).first {
                ModelChoice.criterion(5, points: $0, parameters: parameters) != nil
            }
        }
        #expect(fewest == [4, 5, 6])
        let exact = ModelChoice.criterion(0, points: 9, parameters: 1)
        #expect(exact == ModelChoice.criterion(9, points: 9, parameters: 1))
        #expect(ModelChoice.criterion(.nan, points: 9, parameters: 1) == nil)
    }

    @Test func `numbers that make no sense trap nothing`() {
        let odd: [Double] = [0, -1, .nan, .infinity, .leastNonzeroMagnitude, 1e308, 5]
        for mean in odd {
            for halfWidth in odd {
                let interval = Interval(mean: mean, halfWidth: halfWidth)
                let rows = [0, 1, 1, 2, 3, -4, .max, .max - 1].map { row($0, rate: interval) }
                let points = rows.compactMap(RatePoint.init).sorted {
                    $0.concurrency < $1.concurrency
                }
                let choice = ModelChoice(points, seed: 1)
                #expect(choice.model != nil || points.count < 9)
            }
        }
    }

    private struct Unexpected: Error {
        let choice: ModelChoice
    }
}
