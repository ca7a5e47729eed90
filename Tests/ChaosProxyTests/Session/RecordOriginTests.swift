import Faults
import Records
import Testing

@testable import ChaosProxy

/// The label and the world of a record.
struct RecordOriginTests {
    private func get(_ target: String, label: String) -> String {
        "GET \(target) HTTP/1.1\r\nHost: x\r\nX-Flagserver-Label: \(label)\r\n\r\n"
    }

    @Test func `a request has the label that it brings, else that of the last mark`() {
        let client = SessionHarness()
        client.get("/a")
        client.environment.mark("one")
        client.get("/a")
        client.send(get("/a", label: "own"))
        client.environment.mark(nil)
        client.send(get("/b", label: "again") + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.records.map(\.origin?.label) == [nil, "one", "own", "again", nil])
        #expect(client.records.allSatisfy { $0.status == 200 && $0.origin?.world == nil })
    }

    @Test func `a label is one of when the exchange began`() {
        let client = SessionHarness([.latency(1000)])
        client.environment.mark("before")
        client.get("/a")
        client.environment.mark("behind")
        client.advance(to: 2000)
        #expect(client.records.map(\.origin?.label) == ["before"])
    }

    @Test(arguments: [(200, 200), (201, 400)] as [(Int, RecordStatus)])
    func `a label has at most 200 bytes before a site`(count: Int, status: RecordStatus) {
        let client = SessionHarness()
        client.send(get("/a", label: String(repeating: "x", count: count)))
        #expect(client.records.map(\.status) == [status])
    }

    @Test func `a backend gets the label as it was sent`() throws {
        let relay = try RelayHarness(.http)
        let request = get("/a", label: "own")
        relay.send(request)
        #expect(relay.backend.text == request)
        relay.reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(relay.records.map(\.origin?.label) == ["own"])
    }

    @Test func `a label that is too long is refused before a backend, too`() throws {
        let relay = try RelayHarness(.http)
        relay.send(get("/a", label: String(repeating: "x", count: 201)))
        #expect(relay.backend.text.isEmpty)
        #expect(relay.client.text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(relay.records.map(\.status) == [400])
    }

    @Test func `a connection has the label of when it began`() throws {
        let relay = try RelayHarness(.tcp)
        relay.environment.mark("behind")
        relay.send("x")
        relay.clientEnds()
        relay.backendEnds()
        #expect(relay.records.map { $0.origin?.label } == [nil])
    }
}

/// How much one connection gets at once.
struct SessionTurnTests {
    @Test func `after 64 requests of one connection others have their turn`() {
        let client = SessionHarness()
        client.send(String(repeating: "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", count: 150))
        #expect(client.records.count == 64)
        client.advance(to: 1)
        #expect(client.records.count == 150)
        #expect(client.records.map(\.exchange) == Array(1...150))
    }

    @Test(arguments: [65, 200, 1000], ["/a", "/made", "/none", "/nowhere"])
    func `a client that has sent its FIN behind them gets all of its answers`(
        count: Int, target: String
    ) {
        let client = SessionHarness()
        client.send(String(repeating: "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n", count: count))
        client.session.receivedEnd()
        client.advance(to: 1)
        #expect(client.records.count == count)
    }
}
