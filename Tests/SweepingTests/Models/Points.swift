import Faults

@testable import Sweeping

/// What a model would have given, measured with an error of so many parts of it.
func points(
    _ model: SweepModel, _ numbers: [Int], noise: Double = 0, seed: UInt64 = 1
) -> [RatePoint] {
    rows(model, numbers, noise: noise, seed: seed).compactMap(RatePoint.init)
}

func rows(
    _ model: SweepModel, _ numbers: [Int], noise: Double = 0, seed: UInt64 = 1
) -> [SweepRow] {
    var generator = SeededGenerator(seed: seed)
    return numbers.map { number in
        let rate = model.rate(at: Double(number)) * (1 + noise * generator.normal())
        return row(number, rate: Interval(mean: rate, halfWidth: 1.96 * noise * rate))
    }
}

/// A row in which all succeeded, or so many failed in so many ways.
func row(
    _ number: Int, rate: Interval, completed: Int = 1000,
    failures: [(kind: String, count: Int)] = [], p95: Double? = nil,
    server: SweepRow.ServerFigures? = nil
) -> SweepRow {
    let time = rate.mean > 0 ? Double(number) / rate.mean : 0
    return SweepRow(
        concurrency: number, seconds: 10, rate: rate, completed: completed, failures: failures,
        p50: time, p95: p95 ?? 0.5, meanTime: time, server: server)
}
