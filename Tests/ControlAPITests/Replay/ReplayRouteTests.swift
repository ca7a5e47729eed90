import ChaosProxy
import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct ReplayRouteTests {
    /// Site proxies that keep records, and a record 1 of LOCAL to replay.
    private func harness(
        _ toxics: [Toxic] = [], content: [UInt8]? = nil,
        change: (inout APIOptions) -> Void = { _ in }
    ) throws -> ControlHarness {
        let harness = try ControlHarness(change)
        harness.journal?.append(served: 1)
        let environment = harness.environment
        environment.onRecord = { [journal = harness.journal] record in
            var record = record
            record.sequence = (journal?.newest ?? 0) + 1
            journal?.append(record)
        }
        try harness.addSite("local", toxics, content: content)
        return harness
    }

    private func open(_ harness: ControlHarness, _ sequence: Int = 1) throws -> ResponseStream {
        let body = Array("{\"seq\":\(sequence)}".utf8)
        let answer = try harness.answer("POST /replay", body)
        guard case .streamed(let stream) = answer else { throw NotStreamed(status: answer.status) }
        return stream
    }

    private struct NotStreamed: Error { let status: HTTPStatus? }

    /// Runs the loop until there is something to read.
    private func read(_ stream: ResponseStream, _ harness: ControlHarness) throws -> JSONValue {
        let loop = harness.loop
        stream.onMore = { loop.stop() }
        let guardian = Timer(on: loop) { loop.stop() }
        guardian.schedule(after: 10_000_000_000)
        try loop.run()
        let text = String(decoding: stream.readAll(), as: UTF8.self)
        #expect(text.hasSuffix("}\n"))
        guard case .end = stream.next() else { throw NotStreamed(status: 200) }
        return try JSONValue(text: String(text.dropLast()))
    }

    private static func latency(_ delay: Nanoseconds) -> Toxic {
        Toxic(.latency(Latency(latency: delay, jitter: 0)), stream: .downstream)
    }

    @Test func `the server asks again, and tells what came back`() throws {
        let harness = try harness([Toxic(.noop(Noop()), stream: .upstream)])
        let stream = try open(harness)
        #expect(
            stream.fields.map { "\($0.name): \($0.value)" }
                == ["Content-Type: application/json", "Cache-Control: no-store"])
        let reply = try read(stream, harness)
        #expect(reply["proxy"] == .string("local") && reply["method"] == .string("GET"))
        #expect(reply["target"] == .string("/flags/br/br.gif"))
        #expect(reply["status"] == .number("204") && reply["reason"] == .string("No Content"))
        #expect(reply["ending"] == .string("complete") && reply["problem"] == .null)
        #expect(reply["content_bytes"] == .number("0") && reply["content_length"] == .null)
        #expect(reply["text"] == .string("") && reply["truncated"] == .bool(false))
        #expect(reply["interim"] == .array([]) && reply["fields_omitted"] == .number("0"))
        #expect(reply["seq"] == .number("2"))
        let record = try #require(harness.journal?[1])
        #expect(record.origin?.label == "replay" && record.attempt == 1 && record.via == nil)
        #expect(record.method == "GET" && record.target == "/flags/br/br.gif")
    }

    @Test func `it takes as long as it may, and no longer`() throws {
        let harness = try harness([Self.latency(60_000_000_000)]) {
            $0.replayTimeout = 20_000_000
        }
        let reply = try read(try open(harness), harness)
        #expect(reply["ending"] == .string("timeout") && reply["status"] == .null)
        #expect(reply["reason"] == .null && reply["problem"] == .string("nothing came"))
        #expect(reply["fields"] == .array([]) && reply["fields_omitted"] == .number("0"))
        #expect(reply["content_bytes"] == .number("0") && reply["truncated"] == .bool(false))
        guard case .number(let text)? = reply["duration_ms"] else { throw NotStreamed(status: 200) }
        let milliseconds = try #require(Double(text))
        #expect(milliseconds >= 20)
        #expect(harness.journal?.newest == 2 && reply["seq"] == .number("2"))
    }

    /// What is told of an answer with such a content.
    private func reply(to content: String, _ toxics: [Toxic] = []) throws -> JSONValue {
        let harness = try harness(toxics, content: Array(content.utf8))
        return try read(try open(harness), harness)
    }

    @Test func `of long content the first 4096 bytes are shown, in whole characters`() throws {
        let whole = "xx" + String(repeating: "\u{e4}", count: 2047)
        let short = try reply(to: whole)
        #expect(short["text"] == .string(whole) && short["content_bytes"] == .number("4096"))
        #expect(short["content_length"] == .number("4096"))
        let long = try reply(to: "x" + String(repeating: "\u{e4}", count: 2048))
        #expect(long["text"] == .string(String(whole.dropFirst())))
        #expect(long["content_bytes"] == .number("4097") && long["ending"] == .string("complete"))
    }

    @Test func `content that ends inside a character is no text, unless it was cut`() throws {
        let harness = try harness(content: [0x78, 0x78, 0xc3])
        #expect(try read(try open(harness), harness)["text"] == .null)
        // The one or the other cuts a character.
        for count: Int64 in [1000, 1001] {
            let limit = Toxic(.limitData(LimitData(bytes: count)), stream: .downstream)
            let cut = try reply(to: String(repeating: "\u{e4}", count: 2000), [limit])
            #expect(cut["ending"] != .string("complete") && cut["truncated"] == .bool(false))
            guard case .string(let text)? = cut["text"] else { throw NotStreamed(status: 200) }
            #expect(!text.isEmpty && text.allSatisfy { $0 == "\u{e4}" })
        }
    }

    @Test func `eight at once, and a place is free again when one is over or left`() throws {
        let harness = try harness([Self.latency(60_000_000_000)])
        var streams = try (0..<8).map { _ in try open(harness) }
        let refused = try harness.send("POST /replay", "{\"seq\":1}")
        #expect(refused.status == 503 && refused.body.contains("8 replays are under way"))
        streams.removeLast().closed()
        #expect(try open(harness).status == 200)
        streams.removeAll()
        #expect(try open(harness).status == 200)
    }

    @Test func `who leaves ends it`() throws {
        let harness = try harness([Self.latency(60_000_000_000)])
        let proxy = try #require(harness.registry["local"]?.proxy)
        let stream = try open(harness)
        stream.onMore = { Issue.record("nobody listens") }
        #expect(harness.loop.run { proxy.connectionCount == 1 })
        stream.closed()
        #expect(harness.loop.run { proxy.connectionCount == 0 })
        #expect(harness.journal?.newest == 2)
    }

    // MARK: What is refused

    @Test(arguments: [
        "", "{", "[]", "null", "1", "{}", #"{"seq":null}"#, #"{"seq":"1"}"#, #"{"seq":0}"#,
        #"{"seq":-1}"#, #"{"seq":1.5}"#, #"{"seq":1e0}"#, #"{"seq":true}"#, #"{"seq":[1]}"#,
        #"{"seq":1,"seq":1}"#, #"{"seq":1,"proxy":"local"}"#, #"{"sequence":1}"#,
        #"{"seq":1} x"#, #"{"seq":99999999999999999999}"#,
    ])
    func `a body that is not just a number is refused`(_ body: String) throws {
        let harness = try harness()
        let answer = try harness.send("POST /replay", body)
        #expect(answer.status == 400 && answer.body.contains("\"error\""))
        #expect(harness.journal?.newest == 1)
    }

    @Test func `a record that is not there is told from one that is no more`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 3))
        let empty = try harness.send("POST /replay", "{\"seq\":1}")
        #expect(empty.status == 404 && empty.body.contains("the journal is empty"))
        harness.journal?.append(served: 5)
        let gone = try harness.send("POST /replay", "{\"seq\":2}")
        #expect(gone.status == 404 && gone.body.contains("record 2 is no more"))
        let unknown = try harness.send("POST /replay", "{\"seq\":18446744073709551615}")
        #expect(unknown.status == 404 && unknown.body.contains("yet: the newest is 5"))
        #expect(try harness.send("POST /replay", "{\"seq\":5}").status == 409)
    }

    @Test func `without a journal or a loop there is nothing to ask`() throws {
        let blind = try ControlHarness(journal: nil)
        #expect(try blind.send("POST /replay", "{\"seq\":1}").status == 404)
        let still = try ControlHarness { $0.loop = nil }
        #expect(try still.send("POST /replay", "{\"seq\":1}").body == "404 page not found\n")
    }

    @Test func `pages of other sites may not, nor who has no token`() throws {
        let harness = try harness { $0.token = "secret" }
        let foreign = ["Origin: http://evil.example", "Authorization: Bearer secret"]
        #expect(try harness.send("POST /replay", "{\"seq\":1}", fields: foreign).status == 403)
        #expect(try harness.send("POST /replay", "{\"seq\":1}").status == 401)
        #expect(try harness.send("POST /replay", "{\"seq\":1}", host: "evil.example").status == 421)
        let ours = ["Origin: http://localhost:8474", "Authorization: Bearer secret"]
        #expect(try harness.send("POST /replay", "{\"seq\":1}", fields: ours).status == 200)
    }
}
