import EventLoop
import Foundation
import HTTPWire
import Testing

@testable import Faults
@testable import Records

/// The table of filters in `query-cases.json`, which every reader of filters is held against, here
/// and in the page: for each its sentence and the records of the table that match, or the mistake.
struct QueryCases {
    struct Case: CustomTestStringConvertible, Sendable {
        let query: String
        let sentence: String?
        let matches: [String]
        let error: String?

        var testDescription: String { query }
    }

    static let shared: Result<QueryCases, any Error> = Result { try QueryCases() }

    let cases: [Case]
    let records: [String: ExchangeRecord]

    private init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("query-cases.json")
        let table = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        cases = try #require(table["cases"] as? [[String: Any]]).map { row in
            Case(
                query: try #require(row["query"] as? String), sentence: row["sentence"] as? String,
                matches: row["matches"] as? [String] ?? [], error: row["error"] as? String)
        }
        records = try #require(table["records"] as? [String: [String: Any]])
            .mapValues(Self.record)
    }

    // MARK: Records

    /// The record that a line of the journal is about.
    ///
    /// - Throws: if it would be written otherwise.
    private static func record(_ line: [String: Any]) throws -> ExchangeRecord {
        func text(_ name: String) -> String? { line[name] as? String }
        func number(_ name: String) -> Int? { line[name] as? Int }
        var record = ExchangeRecord(proxy: try #require(text("proxy")))
        record.sequence = UInt64(try #require(number("seq")))
        record.time = try #require(text("t").flatMap(Timestamp.nanoseconds))
        record.connection = UInt32(try #require(number("conn")))
        record.exchange = UInt32(try #require(number("exchange")))
        record.client = text("client").flatMap(address)
        record.method = text("method") ?? ""
        record.target = text("target") ?? ""
        record.attempt = number("attempt").map(UInt32.init)
        record.faults = try #require(line["faults"] as? [[String: Any]]).map(fault)
        record.refusal = text("refused").flatMap(ExchangeRecord.Refusal.init)
        record.status = number("status").flatMap { RecordStatus($0) }
        record.bytesPromised = number("bytes_promised")
        record.bytesSent = try #require(number("bytes_sent"))
        record.actualDelay = try nanoseconds(line["actual_delay_ms"])
        record.queued = try nanoseconds(line["queued_ms"])
        record.duration = try nanoseconds(line["duration_ms"])
        record.inFlight = try #require(number("in_flight"))
        record.via = text("via")
        if text("world") != nil || text("label") != nil {
            record.origin = RecordOrigin(world: text("world"), seed: 42, label: text("label"))
        }
        record.isMangled = line["mangled"] as? Bool ?? false
        record.ending = try #require(text("end").flatMap(ExchangeRecord.Ending.init))
        try check(record, line)
        return record
    }

    /// Nothing that is shown in the middle of a tenth: the filter must not see more than a reader.
    private static func nanoseconds(_ value: Any?) throws -> Nanoseconds {
        let milliseconds = try #require((value as? NSNumber)?.doubleValue)
        return milliseconds == 0 ? 0 : Nanoseconds((milliseconds * 10).rounded()) * 100_000 + 99_999
    }

    /// `127.0.0.1:80` or `[::1]:80`
    private static func address(_ text: String) -> SocketAddress? {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return SocketAddress(host: String(host), port: port)
    }

    private static func fault(_ object: [String: Any]) throws -> FaultPlan.DrawnFault {
        let toxicity = try #require(object["toxicity"] as? NSNumber)
        let toxic = try ToxicReading(
            [
                ToxicField("type", .text(try #require(object["type"] as? String))),
                ToxicField("name", .text(try #require(object["toxic"] as? String))),
                ToxicField("toxicity", .text("\(toxicity)")),
            ], as: .words
        ).toxic()
        let effect: Effect =
            if let status = (object["status"] as? Int).flatMap({ HTTPStatus($0) }) {
                .respond(status, retryAfter: nil)
            } else if let delay = object["delay_ms"] as? NSNumber {
                .latency(Nanoseconds(delay.doubleValue * 1e6))
            } else {
                .script(seed: 1)
            }
        return FaultPlan.DrawnFault(
            toxic: toxic, draw: (object["draw"] as? NSNumber)?.doubleValue, effect: effect,
            hasActed: object["acted"] as? Bool ?? false)
    }

    private static func check(_ record: ExchangeRecord, _ line: [String: Any]) throws {
        var (writer, bytes) = (JournalLine(seed: 42), [UInt8]())
        writer.append(object: record, to: &bytes)
        let written = try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary
        #expect(written == line as NSDictionary)
    }
}
