import Testing

@testable import Sweeping

struct ScalabilityFitTests {
    static let numbers = [1, 2, 4, 8, 16, 24, 32, 40, 48, 64, 96, 128]

    private func law(_ contention: Double, _ coherency: Double) -> SweepModel {
        .scalability(contention: contention, coherency: coherency, single: 20)
    }

    @Test(arguments: [0, 0.001, 0.03, 0.5, 0.9], [0, 1e-6, 0.0005, 0.02])
    func `a law without errors is found exactly`(contention: Double, coherency: Double) throws {
        let fit = try #require(ScalabilityFit(points(law(contention, coherency), Self.numbers)))
        #expect((fit.contention - contention).magnitude < 1e-7)
        #expect((fit.coherency - coherency).magnitude < 1e-7)
        #expect((fit.single - 20).magnitude < 1e-5)
        #expect(fit.squares < 1e-6)
    }

    @Test func `with errors no place nearby is better`() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let measured = points(law(0.05, 0.0008), Self.numbers, noise: 0.1, seed: seed)
            let fit = try #require(ScalabilityFit(measured))
            for (a, b, c) in [(1.01, 1, 1), (0.99, 1, 1), (1, 1.01, 1), (1, 0.99, 1)]
                + [(1, 1, 1.01), (1, 1, 0.99)] as [(Double, Double, Double)]
            {
                let near = SweepModel.scalability(
                    contention: fit.contention * a, coherency: fit.coherency * b,
                    single: fit.single * c)
                #expect(measured.squares(near.rate) >= fit.squares * (1 - 1e-9))
            }
        }
    }

    @Test func `what grows more than evenly is not given a negative law`() throws {
        let measured = points(law(-0.001, -0.00001), Self.numbers)
        let fit = try #require(ScalabilityFit(measured))
        #expect(fit.contention == 0 && fit.coherency == 0 && fit.free.parameters == 1)
        #expect(fit.peak == nil && fit.roof == nil)
    }

    @Test func `peak and roof are those of the law`() throws {
        let fit = try #require(ScalabilityFit(points(law(0.04, 0.0006), Self.numbers)))
        // √(0.96 / 0.0006) = 40.0
        #expect([39, 40].contains(fit.peak))
        let roof = try #require(fit.roof)
        #expect((roof - 500).magnitude < 0.001)
    }

    @Test func `too few points, or such as say nothing, give no law`() {
        #expect(ScalabilityFit([]) == nil)
        let single = RatePoint(concurrency: 1, rate: 5, uncertainty: 0.1)
        #expect(ScalabilityFit([single])?.contention ?? 0 == 0)
        let broken = RatePoint(concurrency: 3, rate: .nan, uncertainty: .nan)
        #expect(ScalabilityFit([single, broken, broken]) == nil)
    }
}
