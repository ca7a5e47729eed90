import HTTPWire
import Testing

@testable import ChaosProxy

struct HTTPFramingTests {
    private let get = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"
    private let chunks = "3;x\r\nabc\r\n0\r\nT: u\r\n\r\n"

    private func conversation(_ turns: Conversation.Turn...) -> Conversation {
        .cutEverywhere(.http, turns)
    }

    // MARK: Requests

    @Test func `pipelined requests are told apart, with empty lines before them`() {
        let talk = conversation(.client(get + "\r\n" + get + "GET"))
        #expect(talk.requests == ["GET /a?b 30", "GET /a?b 32"])
        #expect(talk.outcome.unusedSent == Array("GET".utf8) && !talk.tunnels)
    }

    @Test func `a body belongs to its request`() {
        let head = "POST /p HTTP/1.1\r\nHost: x\r\n"
        let talk = conversation(
            .client(head + "Content-Length: 3\r\n\r\nabc"),
            .client(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks), .client(get))
        #expect(talk.requests == ["POST /p 51", "POST /p 78", "GET /a?b 30"])
    }

    @Test func `a large body is passed on as it comes`() {
        var talk = Conversation(.http)
        talk.client("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
        #expect(talk.requests == ["POST /p 54..."])
        for _ in 0..<5 { talk.client([UInt8](repeating: 0, count: 1_000_000)) }
        #expect(talk.requests == ["POST /p 5000054"])
        #expect(talk.outcome.unusedSent.isEmpty)
    }

    @Test(arguments: [
        "\u{16}", "GET /\r\n", "SSH-2.0-x\r\n", "GET / HTTP/2.0\r\n", "GET /a b", "{",
        "PRI * HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ])
    func `what is not HTTP tunnels as soon as it is certain`(text: String) {
        let talk = conversation(.client(text))
        #expect(talk.outcome.clientTunnels && talk.requests.isEmpty && !talk.reason.isEmpty)
        #expect(talk.outcome.unusedSent == Array(text.utf8))
    }

    @Test(arguments: ["G", "HELLO", "GET /a", "GET / HTTP/1.", "\r", "\r\n", "GET / HTTP/1.1\r\nH"])
    func `what may still become HTTP is waited for`(text: String) {
        #expect(!conversation(.client(text)).tunnels)
    }

    @Test func `a head over its limits tunnels`() {
        var talk = Conversation(.http)
        talk.client("GET / HTTP/1.1\r\nHost: x\r\nA: ")
        for _ in 0..<32_000 { talk.client([0x61]) }
        #expect(!talk.tunnels)
        for _ in 0..<1000 { talk.client([0x61]) }
        #expect(talk.tunnels)
    }

    @Test func `a malformed chunk tunnels, after its sound head`() {
        var talk = Conversation(.http)
        talk.client("PUT /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz")
        #expect(talk.requests == ["PUT /p 56..."] && talk.outcome.clientTunnels)
        #expect(talk.reason.contains("chunk"))
    }

    // MARK: Responses

    private func answers(_ text: String, to request: String? = nil) -> Conversation {
        conversation(.client(request ?? get), .server(text))
    }

    @Test func `a response ends with its length or its last chunk`() {
        let sized = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
        let chunked = "HTTP/1.1 404 \r\nTransfer-Encoding: gzip, Chunked\r\n\r\n" + chunks
        let talk = conversation(.client(get + get + get), .server(sized + chunked + sized))
        #expect(talk.replies == ["200 41", "404 72", "200 41"] && !talk.tunnels)
    }

    @Test func `interim responses come before the one that answers`() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
        let talk = answers(interim + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(talk.replies == ["200 100"])
    }

    @Test(arguments: [204, 304])
    func `a status without a body has none, whatever its fields say`(status: Int) {
        let head = "HTTP/1.1 \(status) X\r\nContent-Length: 9\r\n\r\n"
        #expect(answers(head).replies == ["\(status) 37"])
    }

    @Test func `HEAD has no body`() {
        let head = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
        let plain = "HTTP/1.1 200 OK\r\n\r\n"
        let sized = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
        let talk = conversation(.client(head + head), .server(sized + plain))
        #expect(talk.replies == ["200 38", "200 19"] && !talk.tunnels)
    }

    @Test(arguments: [
        "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 502\nContent-Type: text/html\n\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `without a length a response ends with the connection`(head: String) {
        let talk = answers(head + "abc")
        #expect(talk.outcome.isUntilEnd && talk.outcome.replies.map(\.count) == [head.utf8.count])
        #expect(!talk.tunnels && answers(head).outcome.isUntilEnd)
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n", "HTTP/2 200\r\n", "HTTP/1.1 abc\r\n", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ])
    func `what is no HTTP, or ends where two readers disagree, tunnels`(text: String) {
        let talk = answers(text)
        #expect(talk.outcome.serverTunnels && talk.replies.isEmpty)
        #expect(talk.outcome.unusedReceived == Array(text.utf8))
    }

    @Test func `a malformed chunk of a response tunnels`() {
        let talk = Conversation(
            .http,
            [
                .client(get),
                .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz"),
            ])
        #expect(talk.replies == ["200 47..."] && talk.outcome.serverTunnels)
    }

    @Test func `a head of 64 KiB is too long`() {
        var talk = Conversation(.http, [.client(get), .server("HTTP/1.1 200 OK\r\nA: ")])
        for _ in 0..<65_500 { talk.server([0x61]) }
        #expect(!talk.tunnels)
        for _ in 0..<100 { talk.server([0x61]) }
        #expect(talk.tunnels)
    }

    @Test func `bytes that nobody asked for tunnel`() {
        let text = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
        let talk = conversation(.server(text))
        #expect(talk.outcome.serverTunnels && talk.outcome.unusedReceived == Array(text.utf8))
    }

    @Test func `a response may come before its request is complete`() {
        let talk = conversation(
            .client("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na"),
            .server("HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n"), .client("bc" + get),
            .server("HTTP/1.1 204 No Content\r\n\r\n"))
        #expect(talk.requests == ["POST /p 51", "GET /a?b 30"])
        #expect(talk.replies == ["413 37", "204 27"] && !talk.tunnels)
    }

    // MARK: Other protocols

    @Test func `101 answers an Upgrade, and then nothing is HTTP`() {
        let ask = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n"
        let talk = conversation(
            .client(ask), .server("HTTP/1.1 101 X\r\nUpgrade: a\r\n\r\n\u{1}"), .client("\u{2}"))
        #expect(talk.requests == ["GET /ws 62"] && talk.replies == ["101 30"])
        #expect(talk.outcome.clientTunnels && talk.outcome.serverTunnels)
    }

    @Test func `an Upgrade that is not followed changes nothing`() {
        let ask = "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n\r\n"
        let answer = "HTTP/1.1 204 No Content\r\n\r\n"
        let talk = conversation(.client(ask + get), .server(answer + answer))
        #expect(talk.replies == ["204 27", "204 27"] && !talk.tunnels)
    }

    private let connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"

    @Test func `CONNECT with a 2xx opens a tunnel, for what came early too`() {
        let talk = conversation(
            .client(connect + get), .server("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhi"))
        #expect(talk.requests == ["CONNECT a:1 35"] && talk.replies == ["200 38"])
        #expect(talk.outcome.unusedSent == Array(get.utf8))
        #expect(talk.outcome.clientTunnels && talk.outcome.serverTunnels)
    }

    @Test func `CONNECT that is refused is a request like others`() {
        let talk = conversation(
            .client(connect + get), .server("HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n"))
        #expect(talk.requests == ["CONNECT a:1 35", "GET /a?b 30"] && !talk.tunnels)
    }

    @Test func `CONNECT that gets an injected answer is over`() {
        var talk = Conversation(.http, [.client(connect + get)])
        talk.injected()
        #expect(talk.requests == ["CONNECT a:1 35", "GET /a?b 30"])
    }
}
