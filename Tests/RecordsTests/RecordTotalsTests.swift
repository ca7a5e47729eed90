import Faults
import HTTPWire
import Testing

@testable import Records

struct RecordTotalsTests {
    /// All kinds of what can be counted.
    private static func records() -> [ExchangeRecord] {
        let toxic = Toxic(.noop(Noop()), stream: .downstream)
        var faults: [FaultPlan.DrawnFault] = [
            .init(toxic: toxic, draw: 0, effect: .stage(seed: 0)),
            .init(toxic: toxic, draw: 0, effect: .respond(503, retryAfter: nil)),
        ]
        faults[1].hasActed = true
        return (0..<24).map { number in
            var record = ExchangeRecord(proxy: "local")
            record.status = [200, 404, 500, nil][number % 4]
            record.refusal = number % 6 == 5 ? .rate : nil
            record.hasGivenUp = number % 8 == 7
            record.faults = number % 3 == 0 ? Array(faults.prefix(1 + number % 2)) : []
            record.queued = number % 5 == 4 ? Nanoseconds(100 - number) : 0
            record.duration = Nanoseconds(number * number) * 1_000_000
            return record
        }
    }

    private static func figures(_ totals: RecordTotals) -> [String] {
        let shares = totals.latencies.quantiles([0, 0.25, 0.5, 0.75, 1]) ?? []
        return [
            "\(totals.statuses.map { "\($0.status?.code ?? 0): \($0.count)" }.sorted())",
            "\(totals.injected.map { "\($0.status?.code ?? 0): \($0.count)" })",
            "\(totals.faults.map { "\($0.key.rawValue): \($0.value)" }.sorted())",
            "\(totals.refusals)", "\(totals.count) \(totals.notFound) \(totals.ok)",
            "\(totals.unplanned) \(totals.gaveUp) \(totals.longestQueued)",
            "\(totals.count(ofFault: "*") ?? 0) \(totals.count(ofFault: "noop") ?? 0)",
            "\(totals.durations) \(totals.totalDuration) \(shares)",
        ]
    }

    private static func totals(_ records: some Sequence<ExchangeRecord>) -> RecordTotals {
        var totals = RecordTotals()
        for record in records { totals.add(record) }
        return totals
    }

    @Test func `what is counted in two places is the same together, in any order`() {
        let records = Self.records()
        let all = Self.figures(Self.totals(records))
        for place in 0...records.count {
            let parts = [Self.totals(records[..<place]), Self.totals(records[place...])]
            for (first, second) in [(parts[0], parts[1]), (parts[1], parts[0])] {
                var sum = first
                sum.add(second)
                #expect(Self.figures(sum) == all)
            }
        }
    }

    @Test func `the longest wait and the sums are those of the records`() {
        let totals = Self.totals(Self.records())
        #expect(totals.longestQueued == 96)
        #expect(totals.count == 24 && totals.notFound == 6)
        #expect(totals.gaveUp == 3 && totals.refusals == [.rate: 4])
        #expect(totals.count(ofFault: "noop") == 8)
        #expect(totals.injected.map(\.count) == [2, 2])
        #expect(totals.durations.reduce(0, +) == 24)
        #expect(totals.latencies.quantile(1) == 529_000_000)
    }
}
