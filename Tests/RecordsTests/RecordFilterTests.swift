import Faults
import TestSupport
import Testing

@testable import Records

struct RecordFilterTests {
    private func record(_ words: [String], name: String? = nil) throws -> ExchangeRecord {
        var record = SampleRecords.served(1)
        record.faults = try words.map { word in
            let fields =
                [ToxicField("type", .text(word))]
                + (name.map { [ToxicField("name", .text($0))] } ?? [])
            let toxic = try ToxicReading(fields, as: .words).toxic()
            return FaultPlan.DrawnFault(toxic: toxic, draw: 0.5, effect: .script(seed: 1))
        }
        return record
    }

    private func matches(_ fault: String, _ record: ExchangeRecord) -> Bool {
        var filter = RecordFilter()
        filter.fault = fault
        return filter.matches(record)
    }

    private func count(_ fault: String, _ records: [ExchangeRecord]) -> UInt64? {
        var totals = RecordTotals()
        for record in records { totals.add(record) }
        var filter = RecordFilter()
        filter.fault = fault
        return filter.count(in: totals)
    }

    @Test func `a fault is asked for by its type, by its toxic's name and by aliases`() throws {
        let record = try record(["truncate"], name: "short")
        for word in ["truncate", "short", "TRUNCATE", "PREMATURE_FIN", "premature-fin", "*"] {
            #expect(matches(word, record), "\(word)")
        }
        for word in ["reset-mid-body", "Short", "limit_data", "script"] {
            #expect(!matches(word, record), "\(word)")
        }
    }

    @Test func `a fault with variants is any of them, a variant that one`() throws {
        let all = FaultType.all(named: "chunked-malformed").map(\.rawValue)
        let second = try record([all[1]])
        #expect(matches("chunked-malformed", second))
        #expect(matches("MALFORMED_RESPONSE_CHUNK", second))
        #expect(matches(all[1], second))
        #expect(!matches(all[0], second))
    }

    @Test func `totals know what is met by one name`() throws {
        let all = FaultType.all(named: "chunked-malformed").map(\.rawValue)
        let records = try [record(["truncate"]), record(["truncate"], name: "t"), record([all[1]])]
        #expect(count("truncate", records) == 2)
        #expect(count("PREMATURE_FIN", records) == 2)
        #expect(count("chunked-malformed", records) == 1)
        #expect(count("reset-mid-body", records) == 0)
        // One exchange may have met two of them.
        #expect(count("chunked-malformed", records + [try record([all[0], all[1]])]) == nil)
    }

    @Test func `records and totals tell the type of a script`() throws {
        let record = try record(["truncate"])
        var line = JournalLine(seed: 1)
        var bytes: [UInt8] = []
        line.append(object: record, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""faults":[{"toxic":"truncate","type":"truncate","draw":0.5"#))
        var totals = RecordTotals()
        totals.add(record)
        #expect(totals.faults.map(\.key.rawValue) == ["truncate"])
    }

    @Test func `what a look costs grows with the text and the patterns, not with what is in them`()
        throws
    {
        var record = SampleRecords.served(1)
        record.target = "/" + String(repeating: "a", count: 999)
        var filter = RecordFilter()
        #expect(filter.steps(for: record) == 60)
        for (glob, words) in [("/*", 1), (String(repeating: "*a", count: 128), 3)] {
            filter.path = TextPattern(glob: glob)
            #expect(filter.steps(for: record) == 60 + words * 1000)
        }
        filter.path = nil
        filter.query = try RecordQuery("aaa -path:*b delay>1s")
        #expect(filter.steps(for: record) == 60 + 1010 + 1020 + 10)
        filter.query = try RecordQuery("fault:a,b*")
        let few = filter.steps(for: record)
        record.faults = try self.record(["truncate", "reset-mid-body"]).faults
        #expect(filter.steps(for: record) > few)
    }
}
