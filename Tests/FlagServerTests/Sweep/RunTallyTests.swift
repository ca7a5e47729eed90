import Records
import Sweeping
import Testing

@testable import flagserver

struct RunTallyTests {
    private func record(
        end milliseconds: Int64, taking duration: UInt64 = 100, status: Int? = 200,
        inFlight: Int = 1, _ change: (inout ExchangeRecord) -> Void = { _ in }
    ) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "delay")
        record.time = milliseconds * 1_000_000
        record.duration = duration * 1_000_000
        record.status = status.map { .init(integerLiteral: UInt16($0)) }
        record.inFlight = inFlight
        change(&record)
        return record
    }

    @Test func `a run is as long as from its first beginning to its last end`() {
        var tally = RunTally()
        for index in 0..<10 { tally.note(record(end: Int64(1100 + index * 100), inFlight: 3)) }
        #expect(tally.seconds == 1 && tally.rate == 10)
        let row = RunTally.row([tally], concurrency: 3)
        #expect(row.rate.mean == 10 && row.rate.halfWidth == .infinity)
        #expect(row.completed == 10 && row.server?.peak == 3 && row.failures.isEmpty)
        #expect(row.meanTime == 0.1 && row.server?.mean == 1)
    }

    @Test func `failures are told apart, and bring no rate`() {
        var tally = RunTally()
        tally.note(record(end: 1000))
        tally.note(record(end: 1100, status: 418))
        tally.note(record(end: 1200, status: 418))
        tally.note(record(end: 1300, status: nil) { $0.ending = .clientRST })
        tally.note(record(end: 1400) { $0.hasGivenUp = true })
        let row = RunTally.row([tally], concurrency: 1)
        #expect(row.rate.mean == 2 && row.failureRate == 0.8)
        #expect(row.failures.map(\.kind) == ["418", "client-rst", "gave up"])
        #expect(row.failures.map(\.count) == [2, 1, 1])
    }

    @Test func `several runs tell how far off they are`() {
        var (slow, fast) = (RunTally(), RunTally())
        slow.note(record(end: 1000, taking: 100))
        fast.note(record(end: 1000, taking: 50))
        let row = RunTally.row([slow, fast], concurrency: 1)
        #expect(row.rate.mean == 15 && abs(row.rate.halfWidth - 63.531) < 0.01)
    }

    @Test func `a command that asks for nothing has no rate`() {
        let row = RunTally.row([RunTally()], concurrency: 4)
        #expect(row.rate.mean == 0 && row.completed == 0 && row.meanTime == 0)
    }
}
