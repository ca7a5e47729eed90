@testable import Sweeping

/// Reports as three kinds of servers would give them.
enum SampleSweeps {
    /// A server with 8 places and a queue.
    private static func figures(_ number: Int) -> SweepRow.ServerFigures {
        SweepRow.ServerFigures(peak: min(number, 8), mean: Double(number))
    }

    /// Twice as many are twice as fast; the server tells what it sees.
    static let delay = SweepReport(
        name: "DELAY", unit: "flags",
        rows: [1, 2, 4, 8, 12].map { number in
            row(
                number, rate: Double(number) * 2, half: .infinity,
                server: .init(peak: number, mean: number == 4 ? 3 : Double(number)))
        },
        singleTime: 0.5, model: .bounds(time: 0.5, roof: .infinity),
        knee: .none(reason: "no knee up to 12: every connection more brings the same"),
        recommended: 12, sentence: "Use 12: the best of all (24.0 flags/s).")

    /// Eight at once, the others wait or are refused.
    static let queue = SweepReport(
        name: "queue of 8", unit: "flags",
        rows: [1, 2, 4, 8, 16, 32, 64].map { number in
            row(
                number, rate: number == 16 ? 15.52 : Double(min(2 * number, 16)),
                half: 0.4 + Double(number) / 100,
                failures: number > 16 ? [("503", 3), ("418", 2)] : [],
                server: figures(number))
        },
        singleTime: 0.5, model: .bounds(time: 0.5, roof: 16), knee: .at(8), recommended: 8,
        sentence: "Use 8: the smallest within 5 % of the best (16.0 ± 0.5 flags/s).")

    static let law = SweepModel.scalability(
        contention: 0.02, coherency: 0.0003, single: 120)

    /// Gets worse with too many; says nothing of itself.
    static let local = SweepReport(
        name: "LOCAL", unit: "flags",
        rows: [1, 2, 4, 8, 16, 32, 64, 128].map { number in
            row(
                number, rate: law.rate(at: Double(number)).rounded(), half: 40, p50: 0.0083,
                outliers: number == 8 ? 2 : 0)
        },
        singleTime: 1 / 120, model: law, knee: .at(57.15), recommended: 64,
        sentence: "Use 64: the smallest within 5 % of the best (2217 ± 40 flags/s).")

    static func row(
        _ concurrency: Int, rate: Double, half: Double,
        failures: [(kind: String, count: Int)] = [], p50: Double? = 0.5,
        server: SweepRow.ServerFigures? = nil, outliers: Int = 0
    ) -> SweepRow {
        SweepRow(
            concurrency: concurrency, seconds: 10,
            rate: Interval(mean: rate, halfWidth: half),
            completed: rate.isFinite ? Int(min(rate * 10, 1e15)) : 0, failures: failures,
            p50: p50, p95: p50.map { $0 * 1.5 }, meanTime: p50 ?? 0, server: server,
            outliers: outliers)
    }

    static func report(
        name: String = "X", _ rows: [SweepRow], singleTime: Double? = nil,
        model: SweepModel? = nil, knee: SweepReport.Knee = .none(reason: "too few rows"),
        recommended: Int? = nil, sentence: String = "Nothing succeeded."
    ) -> SweepReport {
        SweepReport(
            name: name, unit: "flags", rows: rows, singleTime: singleTime, model: model,
            knee: knee, recommended: recommended, sentence: sentence)
    }

    // MARK: What nobody would ever measure

    private static let numbers: [Double] = [
        0, -1, 1e-300, 1e300, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 1e12, 0.1,
    ]

    private static func strange(_ index: Int) -> SweepRow {
        let (number, other) = (numbers[index % 10], numbers[index / 10 % 10])
        return SweepRow(
            concurrency: [1, 0, -5, .max, .min, 64][index % 6], seconds: number,
            rate: Interval(mean: number, halfWidth: other), completed: [0, .max, -1][index % 3],
            failures: index % 2 == 0 ? [] : [("\u{1b}[2J<&\"'>\r\n,;", .max)], p50: number,
            p95: other, meanTime: other, server: .init(peak: .max, mean: number),
            outliers: .max)
    }

    static let strange: [SweepReport] = {
        let rows = (0..<100).map(strange)
        let models: [SweepModel?] =
            [nil]
            + numbers.flatMap { number -> [SweepModel?] in
                [
                    .bounds(time: number, roof: 1), .bounds(time: 1, roof: number),
                    .scalability(contention: number, coherency: number, single: number),
                ]
            }
        let wild = models.enumerated().map { index, model in
            report(
                name: index % 2 == 0 ? "<&\"'>\u{1b}]0;" : String(repeating: "旗é", count: 100),
                index % 3 == 0 ? rows : Array(rows[index..<index + 1]),
                singleTime: numbers[index % 10], model: model,
                knee: .at(numbers[index % 10]), recommended: [1, nil, .max][index % 3],
                sentence: String(repeating: "é\u{0}", count: index * 20))
        }
        let many = (1...1000).map { row($0, rate: Double($0) * 1.5, half: 1) }
        return wild + [
            report([]), report([many[0]], singleTime: 1, recommended: 1), report(many),
            report((1...20).map { row($0, rate: 0, half: 0, p50: nil) }, singleTime: 0),
            delay, queue, local,
        ]
    }()
}
