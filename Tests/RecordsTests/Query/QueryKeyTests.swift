import Foundation
import TestSupport
import Testing

@testable import Records

struct QueryKeyTests {
    @Test(arguments: QueryKey.allCases)
    func `a key has its names, a few words and an example that can be asked`(
        _ key: QueryKey
    ) throws {
        #expect(QueryKey(named: key.rawValue) == key)
        if let name = key.otherName { #expect(QueryKey(named: name) == key) }
        #expect(key.means.count > 8 && !key.means.hasSuffix("."))
        let words = try QueryWord.all(in: key.example)
        #expect(words.count == 1 && words.first?.key == key.rawValue)
        #expect(try RecordQuery(key.example).sentence.hasPrefix("exchanges "))
    }

    @Test func `every field of a record is a key, but the seed that all have`() throws {
        var (writer, bytes) = (JournalLine(seed: 1), [UInt8]())
        writer.append(object: SampleRecords.documented, to: &bytes)
        let line = try #require(
            JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        for name in line.keys where name != "seed" {
            #expect(QueryKey(named: name) != nil, "\(name)")
        }
    }

    @Test(arguments: QueryKey.allCases)
    func `every value of a key can be asked for`(_ key: QueryKey) throws {
        for value in key.values { _ = try RecordQuery("\(key.rawValue):\(value)") }
    }

    @Test func `the documentation has every key`() throws {
        let page = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/records.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for key in QueryKey.allCases {
            #expect(
                text.contains("| `\(key.rawValue)` | `\(key.example)` | \(key.means) |"),
                "\(key.rawValue)")
        }
    }
}
