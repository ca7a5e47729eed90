import ChaosProxy
import EventLoop
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct EventStreamTests {
    private func events(_ bytes: [UInt8]) -> [StreamedEvent] { StreamedEvent.all(bytes) }

    private func open(
        _ harness: ControlHarness, _ query: String = "", fields: [String] = []
    ) throws -> ResponseStream {
        try harness.read(query, fields: fields)
    }

    private func second(_ number: Double) -> Instant {
        Instant(nanoseconds: UInt64(number * 1e9))
    }

    @Test func `the state comes first, then what is new`() throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http","max_concurrency":5"#)
        harness.journal?.append(served: 3)
        let stream = try open(harness)
        #expect(
            stream.fields.map { "\($0.name): \($0.value)" }
                == ["Content-Type: text/event-stream", "Cache-Control: no-store"])
        #expect(stream.isEndless, "a server that ends does not wait for it")
        let first = events(stream.readAll())
        try #require(first.map(\.name) == ["state"])
        let state = try JSONValue(text: first[0].data)
        #expect(state["seed"] == .number("42") && state["seed_text"] == .string("42"))
        #expect(state["world"] == .null)
        #expect(state["version"] == .string("0.1.0"))
        #expect(state["proxies"] == (try JSONValue(text: harness.state)))
        #expect(state["proxies"]?["a"]?["max_concurrency"] == .number("5"))
        harness.journal?.append(served: 2)
        let second = events(stream.readAll())
        try #require(second.map(\.name) == ["records"] && second[0].id == "5")
        let records = try JSONValue(text: second[0].data)
        #expect(records[0]?["seq"] == .number("4") && records[1]?["seq"] == .number("5"))
        #expect(records[2] == nil && events(stream.readAll()).isEmpty)
    }

    @Test(arguments: [
        ("?since=3", [], "4"), ("", ["Last-Event-ID: 5"], "6"),
        ("?since=1", ["Last-Event-ID: 4"], "5"), ("?since=2026-11-21T00:00:02Z", [], "3"),
        ("?since=0", [], "1"), ("", ["Last-Event-ID: 4711"], "1"),
        ("?since=0&q=seq%3E2+proxy:loc*", [], "3"), ("?last=2", [], "8"), ("?last=100", [], "1"),
        ("?last=2&since=4", [], "5"), ("?last=2", ["Last-Event-ID: 3"], "4"),
        ("?last=2&max_rate=1", [], "8"), ("?max_rate=1000&since=0", [], "1"),
    ])
    func `a reader goes on where it was`(
        _ query: String, _ fields: [String], _ first: String
    ) throws {
        let harness = try ControlHarness()
        harness.journal?.append(served: 9)
        let events = events(try open(harness, query, fields: fields).readAll())
        try #require(events.map(\.name) == ["state", "records"])
        #expect(try JSONValue(text: events[1].data)[0]?["seq"] == .number(first))
    }

    @Test(arguments: [
        "?since=x", "?proxy=a", "?since=1&since=2", "?q=prxy:a", "?q=proxy:a", "?last=0",
        "?last=-1", "?last=", "?last=ten", "?since=1&last=-1", "?max_rate=0", "?max_rate=1000001",
        "?max_rate=2.5", "?max_rat=3", "?limit=3",
    ])
    func `a question that has no answer is refused`(_ query: String) throws {
        let harness = try ControlHarness()
        #expect(try harness.send("GET /events\(query)").status == 400)
        #expect(try harness.send("GET /events", fields: ["Last-Event-ID: x"]).status == 400)
        #expect(!harness.control.hasReaders)
    }

    @Test(arguments: [
        ("last=-1", "last: '-1' is no whole number from 1 to 1000000000"),
        ("max_rate=no", "max_rate: 'no' is no whole number from 1 to 1000000, in records a second"),
    ])
    func `a number that cannot be is told with its range`(_ query: String, _ error: String) throws {
        let answer = try ControlHarness().send("GET /events?\(query)")
        #expect(try JSONValue(text: answer.body)["error"] == .string(error))
    }

    @Test func `of a ring that has forgotten, the newest are told without a word of loss`() throws {
        let harness = try ControlHarness()
        harness.journal?.append(served: 250)
        for (last, first) in [(100, 151 as UInt64), (1, 250)] {
            let events = events(try open(harness, "?last=\(last)").readAll())
            #expect(Set(events.map(\.name)) == ["state", "records"])
            #expect(try events[1].numbers.first == first)
        }
        let empty = try ControlHarness()
        #expect(events(try open(empty, "?last=5").readAll()).map(\.name) == ["state"])
    }

    @Test func `a reader that never reads costs nothing, and is told what it has lost`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 100))
        let stream = try open(harness)
        for tick in 0..<1000 {
            harness.journal?.append(served: 100)
            harness.control.noteChange()
            harness.control.tick(at: second(Double(tick) / 4))
        }
        let events = events(stream.readAll())
        // Whatever happened a thousand times is there once; the ring is all that was kept.
        try #require(events.map(\.name) == ["state", "meters", "lost", "records", "records"])
        #expect(events[2].data == #"{"count":99900}"#)
        #expect(events.compactMap(\.id) == ["99964", "100000"])
    }

    @Test func `records come in small batches`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 1000))
        let stream = try open(harness)
        harness.journal?.append(served: 130)
        var long = SampleRecords.served(0)
        long.target = "/" + String(repeating: "x", count: 8000)
        for sequence in 131...160 {
            long.sequence = UInt64(sequence)
            harness.journal?.append(long)
        }
        var ids: [String] = []
        while case .bytes(let piece) = stream.next() {
            #expect(piece.count <= 64 << 10)
            let event = try #require(events(piece).first)
            guard let id = event.id else { continue }
            ids.append(id)
            #expect(try JSONValue(text: event.data)[64] == nil)
        }
        #expect(ids.first == "64" && ids.dropFirst().first == "128" && ids.last == "160")
    }

    @Test func `records that are not asked for are passed over, however many they are`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 10_000))
        for name in ["local", "error"] { try harness.create(name) }
        let stream = try open(harness, "?proxy=error&status=200")
        #expect(events(stream.readAll()).map(\.name) == ["state"])
        harness.journal?.append(served: 9000)
        harness.journal?.append(served: 1, proxy: "error")
        harness.journal?.append(served: 10)
        harness.journal?.append(served: 1, proxy: "error")
        let found = events(stream.readAll()).filter { !$0.isComment }
        try #require(found.map(\.name) == ["records"])
        let records = try JSONValue(text: found[0].data)
        #expect(records[0]?["seq"] == .number("9001") && records[1]?["seq"] == .number("9012"))
        #expect(records[2] == nil && found[0].id == "9012")
        harness.journal?.append(served: 50)
        #expect(events(stream.readAll()).isEmpty)
    }

    @Test func `a tick wakes those for whom there is something`() throws {
        let harness = try ControlHarness()
        let streams = [try open(harness), try open(harness)]
        var wakes = [0, 0]
        streams[0].onMore = { wakes[0] += 1 }
        streams[1].onMore = { wakes[1] += 1 }
        harness.control.tick(at: second(1))
        #expect(wakes == [1, 1])
        for stream in streams { _ = stream.readAll() }
        harness.control.tick(at: second(1.25))
        #expect(wakes == [1, 1])
        harness.journal?.append(served: 1)
        _ = streams[0].readAll()
        harness.control.tick(at: second(1.5))
        #expect(wakes == [1, 2])
        harness.control.noteChange()
        harness.control.tick(at: second(1.75))
        #expect(wakes == [2, 3])
    }

    @Test func `meters come with a tick, and only if they have changed`() throws {
        let harness = try ControlHarness()
        try harness.create("a")
        let stream = try open(harness)
        #expect(events(stream.readAll()).map(\.name) == ["state"])
        harness.control.tick(at: second(1))
        let meters = events(stream.readAll())
        try #require(meters.map(\.name) == ["meters"])
        #expect(meters[0].data == (try harness.send("GET /concurrency").body))
        harness.control.tick(at: second(2))
        #expect(stream.readAll().isEmpty)
        try harness.create("b")
        harness.control.tick(at: second(3))
        #expect(events(stream.readAll()).map(\.name) == ["state", "meters"])
    }

    @Test(arguments: [
        ("POST /proxies", #"{"name":"b","listen":"127.0.0.1:0","upstream":"h:1"}"#),
        ("PATCH /proxies/a", #"{"enabled":false}"#), ("DELETE /proxies/a", ""),
        ("POST /proxies/a/toxics", #"{"type":"noop"}"#), ("POST /reset", ""),
        ("PUT /behavior", #"{"name":"delay"}"#),
    ])
    func `a change over the interface is told`(_ line: String, _ body: String) throws {
        let harness = try ControlHarness { $0.behaviourProxy = "a" }
        try harness.create("a")
        let stream = try open(harness)
        _ = stream.readAll()
        #expect(try harness.send("GET /proxies").status == 200)
        #expect(stream.readAll().isEmpty)
        #expect(try harness.send(line, body).status < 300)
        let told = events(stream.readAll())
        try #require(told.map(\.name) == ["state"])
        let wanted = try JSONValue(text: harness.state)
        #expect(try JSONValue(text: told[0].data)["proxies"] == wanted)
    }

    @Test func `after fifteen silent seconds the connection is shown to be alive`() throws {
        let harness = try ControlHarness()
        let stream = try open(harness)
        harness.control.tick(at: second(100))
        _ = stream.readAll()
        harness.control.tick(at: second(114.75))
        #expect(stream.readAll().isEmpty)
        var wakes = 0
        stream.onMore = { wakes += 1 }
        harness.control.tick(at: second(115))
        #expect(wakes == 1)
        #expect(String(decoding: stream.readAll(), as: UTF8.self) == ": keep-alive\n\n")
        harness.control.tick(at: second(129))
        #expect(stream.readAll().isEmpty)
        harness.journal?.append(served: 1)
        _ = stream.readAll()
        harness.control.tick(at: second(131))
        #expect(stream.readAll().isEmpty)
    }

    @Test func `who comes when nobody has read for long is shown nothing old`() throws {
        let harness = try ControlHarness()
        var stream = try open(harness)
        harness.control.tick(at: second(1))
        #expect(events(stream.readAll()).map(\.name) == ["state", "meters"])
        stream.closed()
        stream = try open(harness)
        #expect(events(stream.readAll()).map(\.name) == ["state"])
        harness.control.tick(at: second(1000))
        let told = events(stream.readAll())
        try #require(told.map(\.name) == ["meters"] && !told[0].isComment)
    }

    @Test func `there are at most sixty-four readers`() throws {
        let harness = try ControlHarness()
        var streams = try (0..<64).map { _ in try open(harness) }
        let refused = try harness.send("GET /events")
        #expect(refused.status == 503 && refused.body.contains("64 readers"))
        // One that was told of its end, and one that nobody has any more.
        streams[3].closed()
        _ = try open(harness)
        #expect(try harness.send("GET /events").status == 200)
        streams.removeAll()
        #expect(!harness.control.hasReaders)
        let last = try open(harness)
        #expect(harness.control.hasReaders)
        last.closed()
        #expect(!harness.control.hasReaders)
    }

    @Test func `readers that end while they are woken disturb nobody`() throws {
        let harness = try ControlHarness()
        let streams = try (0..<8).map { _ in try open(harness) }
        var wakes = 0
        for stream in streams {
            stream.onMore = { [unowned stream] in
                wakes += 1
                stream.closed()
            }
        }
        harness.control.tick(at: second(1))
        #expect(wakes == 8 && !harness.control.hasReaders)
    }
}
