import Foundation
import TestSupport
import Testing

@testable import Records

struct RecordQueryTests {
    private static let cases = (try? QueryCases.shared.get().cases) ?? []

    @Test func `the table can be read, and its records are lines of the journal`() throws {
        let table = try QueryCases.shared.get()
        #expect(table.cases.count > 150 && table.records.count == 5)
        #expect(Set(table.cases.map(\.query)).count == table.cases.count)
    }

    @Test(arguments: cases)
    func `a filter matches what its sentence says, or is a mistake`(_ row: QueryCases.Case) throws {
        let records = try QueryCases.shared.get().records
        do {
            let query = try RecordQuery(row.query)
            #expect(query.sentence == row.sentence)
            let found = records.filter { query.matches($0.value) }.map(\.key)
            #expect(found.sorted() == row.matches.sorted())
            #expect(row.error == nil)
        } catch {
            #expect("\(error)" == row.error)
        }
    }

    @Test func `a fault has its other names, too`() throws {
        var record = SampleRecords.served(1)
        record.faults = [SampleRecords.latency(1)]
        #expect(try RecordQuery("fault:LATENCY").matches(record))
        #expect(try !RecordQuery("fault:LATENCY*").matches(record))
        let table = try QueryCases.shared.get()
        let cut = try #require(table.records["cut"])
        for name in ["PREMATURE_FIN", "premature-fin", "Truncate"] {
            #expect(try RecordQuery("fault:\(name)").matches(cut), "\(name)")
        }
    }

    @Test(
        arguments: [
            ("status=0", [0]), ("status:3", [3]), ("status!=3", [0, 16, 404]),
            ("-status:0,3", [16, 404]),
            ("status:16,404", [16, 404]), ("status>0", [3, 16, 404]), ("status:none", []),
        ] as [(String, [UInt16])])
    func `codes of a name server are statuses`(_ filter: String, _ found: [UInt16]) throws {
        let query = try RecordQuery(filter)
        let matching = ([0, 3, 16, 404] as [UInt16]).filter { code in
            var record = SampleRecords.served(1)
            record.status = RecordStatus(integerLiteral: code)
            return query.matches(record)
        }
        #expect(matching == found)
    }

    @Test(arguments: ["24", "99", "600", "-1", "3x", "0xx"])
    func `what neither HTTP nor a name server answers is no status`(_ text: String) {
        #expect(
            refusal("status:\(text)")
                == "status: '\(text)' is no status like 404, no class like 4xx, no code of a name "
                + "server from 0 to 23 and not none.")
    }

    @Test func `4096 bytes, 32 words and 256 bytes of a pattern are taken, no more`() throws {
        let longest = "br" + String(repeating: " ", count: 4094)
        #expect(try RecordQuery(longest).sentence == "exchanges whose target contains br")
        #expect(refusal(longest + " ") == "the filter has 4097 bytes: at most 4096 are taken.")
        let most = [String](repeating: "br", count: 32).joined(separator: " ")
        #expect(try RecordQuery(most).matches(SampleRecords.served(1)))
        let pattern = "path:*" + String(repeating: "a*", count: 256)
        #expect(try !RecordQuery(pattern).matches(SampleRecords.served(1)))
        #expect(
            refusal(pattern + "a")
                == "'\((pattern + "a").prefix(40))…' is longer than 256 bytes.")
    }

    private func refusal(_ text: String) -> String? {
        do {
            _ = try RecordQuery(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a filter names the proxies and the toxics that it is about`() throws {
        let query = try RecordQuery(
            "proxy:a,b*,c -proxy:d fault:slow,latency,x* -fault:quick PROXY proxy:\"e*\"")
        #expect(query.proxies == ["a", "c", "d", "e*"] && query.toxics == ["slow", "quick"])
        #expect(query.onlyProxy == "e*")
        for text in ["", "proxy:a,b", "proxy:a*", "-proxy:a", "proxy:a,b*"] {
            #expect(try RecordQuery(text).onlyProxy == nil, "\(text)")
        }
    }

    @Test func `what is no text at all is a mistake or a filter, never a crash`() {
        var generator = TestGenerator(seed: 14)
        let pieces = [
            "proxy", "delay", "t", ":", "=", ">", "<", "!", "-", "*", "?", "\"", "\\", ",", " ",
            "\t", "5xx", "none", "true", "1", "400ms", "é", "\u{0}", "\u{202e}", "🏴", "/",
            "2026-",
        ]
        let record = SampleRecords.documented
        for _ in 0..<20_000 {
            let count = generator.next(below: 12)
            let text = (0..<count).map { _ in generator.element(of: pieces) }.joined()
            guard let query = try? RecordQuery(text) else { continue }
            #expect(query.sentence.contains("exchanges"))
            _ = query.matches(record)
        }
    }

    @Test func `totals do not know what a filter asks for`() throws {
        var filter = RecordFilter()
        #expect(filter.count(in: RecordTotals()) == 0)
        filter.query = try RecordQuery("proxy:error")
        #expect(filter.count(in: RecordTotals()) == nil)
        #expect(filter.meantProxy == "error")
        let found = [SampleRecords.documented, SampleRecords.served(1)].map {
            filter.matches($0)
        }
        #expect(found == [true, false])
    }
}
