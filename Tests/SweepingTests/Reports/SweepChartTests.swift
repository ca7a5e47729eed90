import Testing

@testable import Sweeping

@Suite struct SweepChartTests {
    private let rows = [1, 2, 4, 8].map {
        SampleSweeps.row($0, rate: Double($0) * 10, half: 1)
    }

    private func chart(
        knee: Double = .nan, model: SweepModel? = nil, singleTime: Double? = nil
    ) throws -> SweepChart {
        let report = SampleSweeps.report(
            rows, singleTime: singleTime, model: model, knee: .at(knee), recommended: 4)
        return try #require(SweepChart(report, across: 10, upward: 4))
    }

    @Test func `the picture is as high as points with whiskers and model, but not for one alone`()
        throws
    {
        #expect(try chart().vertical.high == 100)
        #expect(try chart(model: .bounds(time: 0.1, roof: 1e9)).vertical.high == 100)
        #expect(try chart(model: .bounds(time: 0.07, roof: 1e9)).vertical.high == 150)
        #expect(try chart(model: .bounds(time: 0.01, roof: 1e9)).vertical.high == 100)
        #expect(try chart(model: .bounds(time: .nan, roof: .nan)).vertical.high == 100)
    }

    @Test func `a knee is drawn up to twice the largest number measured`() throws {
        #expect(try chart(knee: 16).knee == 16)
        #expect(try chart(knee: 16).horizontal.high == 16)
        #expect(try chart(knee: 16.1).knee == nil)
        #expect(try chart(knee: 16.1).horizontal.high == 8)
        #expect(try chart(knee: 0.9).knee == nil)
        #expect(try chart(knee: .infinity).knee == nil)
    }

    @Test func `the model is known only where something was measured`() throws {
        let chart = try chart(knee: 16, model: .bounds(time: 0.1, roof: 50))
        #expect(chart.modelRate(at: 0.9) == nil)
        #expect(chart.modelRate(at: 1) == 10)
        #expect(chart.modelRate(at: 8) == 50)
        #expect(chart.modelRate(at: 8.1) == nil)
    }

    @Test func `the ideal ends where it leaves the picture`() throws {
        #expect(try chart(singleTime: 0.05).idealEnd == 5)
        #expect(try chart(singleTime: 0.05).idealRate(at: 5) == 100)
        #expect(try chart(singleTime: 0.05).idealRate(at: 5.1) == nil)
        #expect(try chart(singleTime: 1).idealEnd == 8)
        for strange in [0, -1, .nan, .infinity] {
            #expect(try chart(singleTime: strange).idealEnd == nil)
        }
        #expect(try chart().idealEnd == nil)
    }

    @Test func `rows without a rate are left out`() throws {
        let strange = [-1, .nan, .infinity, 1e13].map { SampleSweeps.row(3, rate: $0, half: 1) }
        let report = SampleSweeps.report(strange + [SampleSweeps.row(0, rate: 1, half: 1)] + rows)
        #expect(
            try #require(SweepChart(report, across: 5, upward: 4)).points.map(\.concurrency)
                == [1, 2, 4, 8])
        #expect(SweepChart(SampleSweeps.report(strange), across: 5, upward: 4) == nil)
    }
}
