import Faults
import Testing

@testable import Records

/// What few records have lies elsewhere, and nobody notices.
struct ExchangeRecordTests {
    private static func full() -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "test")
        let late = Fault.latency(Latency(latency: 7, jitter: 0))
        let toxic = Toxic(late, stream: .downstream, name: "late")
        (record.attempt, record.refusal, record.via) = (2, .rate, "chaos")
        record.faults = [FaultPlan.DrawnFault(toxic: toxic, draw: 0, effect: .latency(7))]
        (record.actualDelay, record.queued) = (5, 6)
        record.origin = RecordOrigin(world: "w", seed: 1)
        return record
    }

    private static func text(_ record: ExchangeRecord) -> String {
        "\(record.attempt ?? 0) \(record.faults.map(\.toxic.name)) \(record.actualDelay) "
            + "\(record.refusal?.rawValue ?? "-") \(record.queued) \(record.via ?? "-") "
            + "\(record.origin?.world ?? "-") \(record.plannedDelay) \(record.hasFaults)"
    }

    @Test func `what is set is there, and what is taken back is gone`() {
        var record = Self.full()
        #expect(Self.text(record) == "2 [\"late\"] 5 rate 6 chaos w 7 true")
        (record.attempt, record.refusal, record.via) = (nil, nil, nil)
        (record.faults, record.actualDelay, record.queued, record.origin) = ([], 0, 0, nil)
        #expect(Self.text(record) == Self.text(ExchangeRecord(proxy: "test")))
    }

    @Test func `a copy stays what it was`() {
        let record = Self.full()
        var copy = record
        copy.attempt = 9
        copy.faults = []
        (copy.actualDelay, copy.queued, copy.via, copy.refusal) = (1, 2, "other", nil)
        #expect(Self.text(record) == Self.text(Self.full()))
        #expect(Self.text(copy) == "9 [] 1 - 2 other w 0 false")
    }
}
