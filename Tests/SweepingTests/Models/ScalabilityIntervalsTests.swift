import Testing

@testable import Sweeping

struct ScalabilityIntervalsTests {
    @Test func `the true law lies inside in 93 of 100 cases or more`() throws {
        let (contention, coherency) = (0.03, 0.0005)
        let law = SweepModel.scalability(
            contention: contention, coherency: coherency, single: 20)
        var (first, second) = (0, 0)
        for seed in 1...100 as ClosedRange<UInt64> {
            let measured = points(law, ScalabilityFitTests.numbers, noise: 0.03, seed: seed)
            let fit = try #require(ScalabilityFit(measured))
            let found = try #require(
                ScalabilityIntervals(fit, points: measured, repeats: 199, seed: seed))
            if found.contention.contains(contention) { first += 1 }
            if found.coherency.contains(coherency) { second += 1 }
            #expect(found.single.contains(fit.single))
        }
        #expect(first >= 93 && second >= 93, "\(first) \(second)")
        // They are not that wide that they hold everything.
        #expect(first < 100 || second < 100)
    }

    @Test func `without a point to spare there is none, and one is enough`() throws {
        let law = SweepModel.scalability(contention: 0.1, coherency: 0.01, single: 20)
        let measured = points(law, [1, 8, 16])
        let fit = try #require(ScalabilityFit(measured))
        #expect(ScalabilityIntervals(fit, points: measured, repeats: 99, seed: 1) == nil)
        let more = points(law, [1, 4, 8, 16])
        let better = try #require(ScalabilityFit(more))
        #expect(better.free.parameters == 3)
        let found = try #require(
            ScalabilityIntervals(better, points: more, repeats: 99, seed: 1))
        // Without errors they are as narrow as can be.
        for bound in [found.single.lowerBound, found.single.upperBound] {
            #expect((bound - 20).magnitude < 0.001)
        }
    }
}
