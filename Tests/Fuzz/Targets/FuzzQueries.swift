import EventLoop
import HTTPWire

@testable import ControlAPI
@testable import Faults
@testable import Records

/// Filters of the journal.
enum FuzzQueries {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        try checkFields(text)
        guard let query = try taken({ try RecordQuery(text) }) else { return }
        try hold(!query.sentence.isEmpty, "'\(text)' means nothing")
        let words = try QueryWord.all(in: text)
        var parts: [RecordQuery] = []
        for word in words { parts.append(try RecordQuery(word.source)) }
        for record in records(text) {
            try checkSteps(query, record, text)
            try check(query, parts, words, record)
        }
    }

    /// What a look costs grows with the filter times the record, and no faster.
    private static func checkSteps(
        _ query: RecordQuery, _ record: ExchangeRecord, _ text: String
    ) throws {
        let size = record.target.utf8.count + record.method.utf8.count + 100
        let steps = query.steps(for: record)
        try hold(
            steps >= 0 && steps <= (text.utf8.count + 32) * (size + 600),
            "'\(text)' takes \(steps) steps for \(size) bytes")
    }

    /// All of its words must hold, each on its own; a minus has it not be so.
    private static func check(
        _ query: RecordQuery, _ parts: [RecordQuery], _ words: [QueryWord],
        _ record: ExchangeRecord
    ) throws {
        // What has acted is asked about the faults that other words name.
        let isJoined = words.contains { $0.key?.lowercased() == "acted" }
        let matches = query.matches(record)
        guard !isJoined else { return }
        try hold(
            matches == parts.allSatisfy { $0.matches(record) },
            "\(words.map(\.source)) are not what they are alone")
        for (word, part) in zip(words, parts) where word.source.utf8.first != UInt8(ascii: "-") {
            guard let other = try? RecordQuery("-" + word.source) else { continue }
            try hold(
                other.matches(record) != part.matches(record),
                "'\(word.source)' holds with its contrary, or neither does")
        }
    }

    private static func checkFields(_ text: String) throws {
        for key in RecordFilter.Key.allCases {
            var filter = RecordFilter()
            guard try taken({ try filter.set(key, text) }) != nil else { continue }
            for record in records(text) { _ = filter.matches(record) }
        }
        _ = try taken { try Since(text) }
    }

    private static func records(_ text: String) -> [ExchangeRecord] {
        var served = ExchangeRecord(proxy: "local")
        (served.method, served.target, served.status) = ("GET", "/flags/br/br.gif?a=b", 200)
        served.client = SocketAddress(host: "127.0.0.1", port: 51234)
        (served.sequence, served.attempt, served.duration) = (917, 1, 500_499_999)
        served.origin = RecordOrigin(world: nil, seed: 1, label: text)
        var hurt = ExchangeRecord(proxy: "error")
        (hurt.method, hurt.target, hurt.via) = (String(text.prefix(40)), text, "chaos")
        hurt.faults = [
            FaultPlan.DrawnFault(
                toxic: Toxic(
                    .latency(Latency(latency: 5, jitter: 0)), stream: .downstream, name: "slow"),
                draw: 0.5, effect: .latency(5), hasActed: text.utf8.count.isMultiple(of: 2))
        ]
        (hurt.ending, hurt.isMangled, hurt.status) = (.rst, true, nil)
        return [served, hurt]
    }
}
