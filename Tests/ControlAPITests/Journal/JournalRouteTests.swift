import ChaosProxy
import EventLoop
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct JournalRouteTests {
    /// A server with a proxy `a`, and a journal in which each record is of another kind.
    private func filled() throws -> ControlHarness {
        let harness = try ControlHarness(journal: Journal(capacity: 8))
        try harness.create("a", #","toxics":[{"type":"noop","name":"nothing"}]"#)
        let journal = try #require(harness.journal)
        for sequence in 1...8 { journal.append(Self.record(UInt64(sequence))) }
        return harness
    }

    private static func record(_ sequence: UInt64) -> ExchangeRecord {
        var record = SampleRecords.served(sequence, proxy: sequence % 2 == 0 ? "a" : "gone")
        switch sequence {
        case 2: (record.status, record.faults) = (503, [SampleRecords.respond(503, draw: 0.1)])
        case 3:
            (record.status, record.faults) = (404, [SampleRecords.latency(1, name: "slow")])
            record.faults[0].hasActed = false
        case 4: (record.status, record.refusal) = (503, .maxConcurrency)
        case 5: (record.status, record.refusal) = (429, .rate)
        case 6: (record.target, record.method) = ("/flags/it/it.gif?x=1", "HEAD")
        case 7: (record.status, record.ending) = (nil, .clientRST)
        case 8:
            record.client = SocketAddress(host: "10.1.2.3", port: 9)
            record.attempt = 2
        default: break
        }
        return record
    }

    private func sequences(_ body: String) throws -> [Int] {
        #expect(body.isEmpty || body.hasSuffix("\n"))
        return try body.split(separator: "\n").map { line in
            guard case .number(let text) = try JSONValue(text: String(line))["seq"],
                let sequence = Int(text)
            else { throw NoSequence(line: String(line)) }
            return sequence
        }
    }

    private struct NoSequence: Error { let line: String }

    @Test func `since the time of a record's line, that record is not told again`() throws {
        // Lines have microseconds, records nanoseconds.
        let since = try Since("1970-01-01T00:00:05.000002Z")
        #expect(since == .time(5_000_002_999))
        #expect(try Since("917") == .sequence(917))
    }

    @Test(arguments: [
        ("", [1, 2, 3, 4, 5, 6, 7, 8]), ("?since=6", [7, 8]), ("?since=8", []),
        ("?since=99999", []), ("?limit=3", [6, 7, 8]), ("?since=2&limit=2", [7, 8]),
        ("?limit=99", [1, 2, 3, 4, 5, 6, 7, 8]), ("?proxy=a", [2, 4, 6, 8]),
        ("?proxy=gone", [1, 3, 5, 7]), ("?proxy=a&limit=1", [8]), ("?fault=*", [2, 3]),
        ("?fault=respond", [2]), ("?fault=slow", [3]), ("?fault=latency", [3]),
        ("?acted=true", [2]), ("?acted=false", [1, 3, 4, 5, 6, 7, 8]),
        ("?fault=slow&acted=false", [3]), ("?fault=slow&acted=true", []),
        ("?fault=respond&acted=false", []), ("?fault=*&acted=false", [3]),
        ("?fault=nothing", []), ("?fault=bandwidth", []), ("?status=503", [2, 4]),
        ("?status=4xx", [3, 5]), ("?status=404,5XX", [2, 3, 4]), ("?status=none", [7]),
        ("?refused=true", [4, 5]), ("?refused=false", [1, 2, 3, 6, 7, 8]), ("?refused=rate", [5]),
        ("?path=/flags/*", [1, 2, 3, 4, 5, 6, 7, 8]), ("?path=/flags/it/it.gif", [6]),
        ("?path=%2fflags%2F??/b*", [1, 2, 3, 4, 5, 7, 8]), ("?path=*x=1", []),
        ("?client=127.0.0.1", [1, 2, 3, 4, 5, 6, 7]), ("?client=10.0.0.0/8", [8]),
        ("?method=HEAD", [6]), ("?method=head", []), ("?end=client-rst", [7]), ("?attempt=2", [8]),
        ("?since=2026-11-21T00:00:05Z", [6, 7, 8]),
        ("?since=2026-11-21T02:00:05+02:00", [6, 7, 8]),
        ("?proxy=a&status=503&refused=false", [2]), ("?&", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("?q=", [1, 2, 3, 4, 5, 6, 7, 8]), ("?q=proxy:a+status:5xx", [2, 4]),
        ("?q=proxy:a+-refused:true+status:5xx", [2]), ("?q=-path:*/br.gif", [6]),
        ("?q=seq%3E2+seq%3C%3D5&limit=2", [4, 5]), ("?q=proxy:a&status=503&since=2", [4]),
        ("?q=fault:slow+acted:false", [3]), ("?q=%22x=1%22", [6]), ("?q=attempt%3E1", [8]),
        ("?q=proxy:nobody*", []), ("?q=end:client-*", [7]),
    ])
    func `what is asked for is answered, newest last`(_ query: String, _ wanted: [Int]) throws {
        let answer = try filled().send("GET /journal\(query)")
        #expect(answer.status == 200 && answer["Content-Type"] == "application/x-ndjson")
        #expect(answer["X-Flagserver-Forgotten"] == nil)
        #expect(try sequences(answer.body) == wanted)
    }

    @Test(arguments: [
        ("?sinse=1", "unknown parameter 'sinse'. Did you mean 'since'?"),
        ("?x", "unknown parameter 'x'."), ("?=", "unknown parameter ''."),
        ("?since=yesterday", "since: 'yesterday' is neither a sequence number nor a time"),
        ("?since=-1", "since: '-1' is neither"), ("?since=", "since: '' is neither"),
        ("?limit=0", "limit: '0' is no whole number from 1"), ("?limit=x", "limit: 'x' is no"),
        ("?limit=-3", "limit: '-3' is no"), ("?limit=99999999999999999999", "limit:"),
        ("?status=600", "status: '600' is no status"), ("?status=6xx", "status: '6xx' is no"),
        ("?status=404,", "status: '' is no"), ("?status=x", "status: 'x' is no"),
        ("?acted=1", "acted: '1' is none of true, false."),
        ("?refused=maybe", "refused: 'maybe' is none of true, false, max-concurrency"),
        ("?refused=max-concurency", "Did you mean 'max-concurrency'?"),
        ("?proxy=b", "there is no proxy 'b'. Did you mean 'a'?"), ("?proxy=", "proxy is empty"),
        ("?fault=latancy", "no toxic has the name or the type 'latancy'. Did you mean 'latency'?"),
        ("?client=localhost", "client: 'localhost' is no address"),
        ("?client=10.0.0.0/33", "client: '10.0.0.0/33' is no address"),
        ("?end=kep", "end: 'kep' is none of keep"), ("?attempt=0", "attempt: '0' is no whole"),
        ("?proxy=a&proxy=a", "the parameter 'proxy' is given twice"),
        ("?q=prxy:a", "q: there is no key 'prxy'. Did you mean 'proxy'? There are proxy, path, "),
        ("?q=delay%3Esoon", "q: delay: 'soon' is no time like 400 (milliseconds), 400ms or 1.5s."),
        ("?q=proxy:b", "there is no proxy 'b'. Did you mean 'a'?"),
        ("?q=-fault:latancy", "no toxic has the name or the type 'latancy'. Did you mean 'latenc"),
        ("?q=since:5", "q: 'since' is no key of a filter: it stands beside one, as since=…."),
        ("?q=a&q=b", "the parameter 'q' is given twice"),
        ("?path=%zz", "malformed percent-encoding"), ("?path=%4", "malformed percent-encoding"),
    ])
    func `what cannot be asked is a sentence`(_ query: String, _ words: String) throws {
        let answer = try filled().send("GET /journal\(query)")
        #expect((answer.status, answer["Content-Type"]) == (400, "application/json"))
        guard case .string(let text) = try JSONValue(text: answer.body)["error"] else {
            Issue.record("\(answer.body)")
            return
        }
        #expect(text.contains(words), "\(text)")
    }

    @Test func `a pattern has a limit`() throws {
        let path = "/" + String(repeating: "*a", count: 128)
        #expect(try filled().send("GET /journal?path=\(path)").status == 400)
        #expect(try filled().send("GET /journal?path=\(path.dropLast())").status == 200)
    }

    @Test func `the forgotten are counted if they were asked for`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 8))
        harness.journal?.append(served: 20)
        for (query, count) in [
            ("", "12"), ("?since=10", "2"), ("?since=12", nil), ("?limit=8", nil),
            ("?limit=9", "12"), ("?since=2026-11-21T00:00:11Z", "1"),
            ("?since=2026-11-21T00:00:12Z", nil),
        ] as [(String, String?)] {
            let answer = try harness.send("GET /journal\(query)")
            #expect(answer["X-Flagserver-Forgotten"] == count, "\(query)")
        }
    }

    @Test func `a long answer comes in small pieces and ends with what was newest`() throws {
        let harness = try ControlHarness(journal: Journal())
        let journal = try #require(harness.journal)
        journal.append(served: 1000)
        var long = SampleRecords.served(1001)
        long.target = "/" + String(repeating: "\"", count: 8000)
        for _ in 0..<10 {
            long.sequence = journal.newest + 1
            journal.append(long)
        }
        guard case .streamed(let stream) = try harness.answer("GET /journal") else {
            Issue.record("it is not streamed")
            return
        }
        journal.append(served: 50)
        var text = ""
        while case .bytes(let piece) = stream.next() {
            #expect(!piece.isEmpty && piece.count <= 64 << 10)
            #expect(piece.count { $0 == 0x0a } <= 128)
            text += String(decoding: piece, as: UTF8.self)
        }
        #expect(try sequences(text) == Array(1...1010))
    }

    @Test func `a client that is too slow is told what it has lost`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 200))
        let journal = try #require(harness.journal)
        journal.append(served: 200)
        guard case .streamed(let stream) = try harness.answer("GET /journal"),
            case .bytes(let first) = stream.next()
        else {
            Issue.record("it is not streamed")
            return
        }
        let taken = first.count { $0 == 0x0a }
        #expect(taken > 50 && taken <= 128)
        journal.append(served: 150)
        let rest = String(decoding: stream.readAll(), as: UTF8.self).split(separator: "\n")
        #expect(rest.first == "{\"lost\":\(150 - taken)}")
        #expect(try sequences(rest.dropFirst().joined(separator: "\n") + "\n") == Array(151...200))
    }

    @Test func `one that loses all that was left is told, too`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 8))
        harness.journal?.append(served: 8)
        guard case .streamed(let stream) = try harness.answer("GET /journal") else {
            Issue.record("it is not streamed")
            return
        }
        harness.journal?.append(served: 80)
        #expect(String(decoding: stream.readAll(), as: UTF8.self) == "{\"lost\":8}\n")
    }

    @Test func `HEAD has the same head`() throws {
        let harness = try filled()
        guard case .streamed(let stream) = try harness.answer("HEAD /journal") else {
            Issue.record("it is not streamed")
            return
        }
        #expect(stream.fields.contains { $0.value == "application/x-ndjson" })
        for line in ["HEAD /concurrency", "HEAD /running", "HEAD /events"] {
            #expect(try harness.answer(line).status == 200)
        }
        #expect(try harness.send("HEAD /verify").status == 405)
        #expect(try harness.send("POST /journal")["Allow"] == "GET, HEAD")
    }

    @Test(arguments: ["GET /journal", "GET /events", "POST /verify"])
    func `without a journal there is nothing to read`(_ line: String) throws {
        let answer = try ControlHarness(journal: nil).send(line, #"{"count":0}"#)
        #expect(answer.status == 404 && answer.body.contains("keeps no journal"))
    }

    @Test(arguments: [
        "GET /journal", "GET /events", "GET /concurrency", "GET /running", "POST /verify",
        "POST /concurrency/reset",
    ])
    func `the rules of access hold`(_ line: String) throws {
        let harness = try ControlHarness { $0.token = "secret" }
        let token = ["Authorization: Bearer secret"]
        #expect(try harness.send(line).status == 401)
        #expect(try harness.send(line, host: "evil.example", fields: token).status == 421)
        let foreign = token + ["Origin: http://evil.example"]
        #expect(try harness.send(line, fields: foreign).status == 403)
        #expect(try harness.send(line, fields: token).status != 401)
        #expect(!harness.control.hasReaders)
    }
}
