import Testing

@testable import Sweeping

struct SweepReportFindingTests {
    private func report(_ rows: [SweepRow]) -> SweepReport {
        SweepReport(name: "DELAY", unit: "flags", rows: rows, seed: 1)
    }

    private func swept(
        _ server: ClosedLoop.Server, maximum: Int = 128, seed: UInt64 = 1
    ) -> SweepReport {
        var search = ConcurrencySearch(maximum: maximum, seed: seed)
        var rows: [SweepRow] = []
        while let number = search.next() {
            var loop = ClosedLoop(server, concurrency: number, seed: seed &* 31 + UInt64(number))
            rows.append(loop.row(budget: 30 / Double(search.expectedRows)))
            search.note(rows[rows.count - 1])
        }
        return report(rows)
    }

    // MARK: Known truths

    @Test func `DELAY gives 2 N and no knee`() {
        let found = swept(.delay(jitter: 2_000_000))
        for row in found.rows {
            #expect((row.rate.mean / 2 / Double(row.concurrency) - 1).magnitude < 0.02)
        }
        #expect(
            found.knee
                == .none(reason: "no knee up to 128: every connection more brings the same"))
        #expect(found.recommended == 128)
        #expect(
            found.sentence.hasSuffix(
                " flags/s). No knee up to 128: every connection more brings the same; "
                    + "more may bring more."))
        #expect((found.singleTime ?? 0) - 0.5 < 0.01)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a queue of 8 has its knee at 8`(seed: UInt64) {
        let found = swept(.queue(limit: 8), seed: seed)
        guard case .at(let knee) = found.knee else {
            Issue.record("\(found)")
            return
        }
        #expect(knee.rounded() == 8 && found.recommended == 8)
        #expect(
            found.sentence.hasSuffix(
                " flags/s). The server is the limit; more than 8 bring little."))
    }

    @Test func `with 503 instead of the queue, good downloads have their knee at 8`() {
        let found = swept(.refusing(limit: 8))
        guard case .at(let knee) = found.knee else {
            Issue.record("\(found)")
            return
        }
        #expect(knee.rounded() == 8 && found.recommended == 8)
        #expect(found.sentence.hasSuffix(" flags/s). Above 8 the server refuses: 503."))
    }

    @Test func `a server that does one after the other is told to need one`() {
        let found = swept(.queue(limit: 1))
        #expect(found.recommended == 1 && found.rows.count == 5)
        #expect(
            found.sentence.hasSuffix(
                " flags/s). The server is the limit; more than 1 bring little."))
    }

    @Test func `latency for each under way is told by the universal scalability law`() {
        let found = swept(.perInFlight)
        guard case .scalability = found.model, let intervals = found.intervals else {
            Issue.record("\(found)")
            return
        }
        #expect(intervals.contention.lowerBound > 0)
        #expect(found.sentence.contains("a download takes more than twice as long"))
    }

    // MARK: Sentences

    @Test func `a peak is told as what gets worse`() {
        let law = SweepModel.scalability(contention: 0.01, coherency: 0.0002, single: 2)
        let found = report(rows(law, [1, 2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 256], noise: 0.001))
        #expect(found.recommended == 64)
        #expect(
            found.sentence.hasPrefix("Use 64: the smallest within 5 % of the best ("))
        #expect(found.sentence.hasSuffix("). The server is the limit; above 96 it gets worse."))
    }

    @Test func `what may be chance does not get worse`() {
        let rates = [1: 10.0, 2: 10.2, 4: 9.4]
        let found = [0.1, 1.0].map { halfWidth in
            report(
                rates.map { row($0.key, rate: Interval(mean: $0.value, halfWidth: halfWidth)) }
            ).sentence
        }
        #expect(found[0].hasSuffix(" The server is the limit; above 2 it gets worse."))
        #expect(found[1].hasSuffix(" The server is the limit; more than 1 bring little."))
    }

    @Test func `a client that cannot keep up is told`() {
        let slow = [1, 2, 4, 8].map { number in
            row(
                number, rate: Interval(mean: Double(number) * 10, halfWidth: 0.2),
                completed: number * 100,
                server: .init(peak: number, mean: Double(number) * (number > 2 ? 0.8 : 1)))
        }
        #expect(
            report(slow).sentence == "Use 8: the smallest within 5 % of the best "
                + "(80.0 ± 0.2 flags/s). The client is the limit: of 8, the server had 6.4 "
                + "under way.")
    }

    @Test func `without any success the failures are told`() {
        let none = [1, 2].map {
            row(
                $0, rate: Interval(mean: 0, halfWidth: 1), completed: 20,
                failures: [(kind: "418", count: 15), (kind: "reset", count: 5)])
        }
        let found = report(none)
        #expect(
            found.sentence == "Nothing succeeded: all 40 downloads failed, 30 of them with 418.")
        #expect(found.recommended == nil && found.model == nil)
        #expect(found.knee == .none(reason: "no knee: nothing succeeded"))
        #expect(report([]).sentence == "Nothing was measured.")
        let silent = row(1, rate: Interval(mean: 0, halfWidth: .infinity), completed: 0)
        #expect(report([silent]).sentence == "No download ended in the time given.")
    }

    @Test func `connections that break are not the server's refusals`() {
        let breaking = [1, 2, 4].map { number in
            row(
                number, rate: Interval(mean: Double(number), halfWidth: 0.01),
                failures: number > 2 ? [(kind: "reset", count: 100)] : [])
        }
        #expect(report(breaking).sentence.hasSuffix(" Above 2 downloads fail: reset."))
    }

    @Test func `a single number is the only one`() {
        let found = report([row(4, rate: Interval(mean: 8, halfWidth: .infinity))])
        #expect(
            found.sentence == "Use 4: the only one measured (about 8.0 flags/s). No knee up to 4: "
                + "it takes 5 numbers to see one, and there are 1.")
        #expect(found.recommended == 4 && found.singleTime == nil)
    }

    @Test func `rows that make no sense trap nothing`() {
        let odd: [Double] = [0, -1, .nan, .infinity, 1e308]
        for value in odd {
            let rows = [3, 0, -1, 1, 1, .max].map { number in
                SweepRow(
                    concurrency: number, seconds: value,
                    rate: Interval(mean: value, halfWidth: value), completed: -5,
                    failures: [(kind: "", count: -7)], p50: value, p95: value, meanTime: value,
                    server: .init(peak: -1, mean: value), outliers: -1)
            }
            #expect(report(rows).sentence.hasSuffix("."))
        }
    }
}
