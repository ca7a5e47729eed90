import EventLoop
import HTTPWire
import Testing

@testable import Downloading

struct DownloadClientTests {
    private static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    /// Asks for as many paths at once, and waits for all answers.
    private func answers(
        asking count: Int = 1, _ replies: [ScriptedServer.Reply], limits: DownloadLimits? = nil,
        _ look: (ScriptedServer) throws -> Void = { _ in }
    ) throws -> [DownloadAnswer] {
        let loop = try EventLoop()
        let server = try ScriptedServer(replies, on: loop)
        let limits = limits ?? DownloadLimits(connections: 4)
        let client = DownloadClient(on: loop, limits: limits)
        var answers: [DownloadAnswer] = []
        for index in 0..<count {
            client.get(try server.url("/\(index)")) { answers.append($0) }
        }
        #expect(answers.isEmpty)
        loop.run("\(count) answers") { answers.count == count }
        try look(server)
        client.stop()
        loop.run("the end of the connections") { server.open == 0 }
        return answers
    }

    @Test func `an answer is whole, and its request is what HTTP asks for`() throws {
        var request = ""
        let all = try answers([.keep(Self.hello)]) { request = $0.requests[0] }
        #expect(request.hasPrefix("GET /0 HTTP/1.1\r\nHost: 127.0.0.1:"))
        #expect(request.contains("\r\nAccept-Encoding: identity\r\n"))
        let answer = try #require(all.first)
        #expect(answer.status == 200 && answer.failure == nil)
        #expect(answer.content == Array("hello".utf8) && answer.ended >= answer.began)
    }

    @Test func `connections are kept, and never more than allowed`() throws {
        let all = try answers(
            asking: 200, [.keep(Self.hello)], limits: DownloadLimits(connections: 7)
        ) {
            #expect($0.requests.count == 200 && $0.peak <= 7 && $0.connections <= 7)
        }
        #expect(all.allSatisfy { $0.failure == nil })
    }

    @Test func `spared connections are begun all the same where the server takes its time`() throws
    {
        let loop = try EventLoop()
        let server = try ScriptedServer([.silence], on: loop)
        var limits = DownloadLimits(connections: 50)
        limits.sparesConnections = true
        let client = DownloadClient(on: loop, limits: limits)
        for _ in 0..<60 { client.get(try server.url()) { _ in } }
        loop.run("50 connections") { server.connections == 50 }
        client.stop()
    }

    @Test func `spared connections bring all that is asked for, in order`() throws {
        var limits = DownloadLimits(connections: 100)
        limits.sparesConnections = true
        let all = try answers(asking: 300, [.keep(Self.hello)], limits: limits) {
            #expect($0.requests.count == 300 && $0.connections <= 100)
        }
        #expect(all.allSatisfy { $0.failure == nil })
    }

    @Test func `what waits is sent in the order in which it was asked for`() throws {
        _ = try answers(asking: 50, [.keep(Self.hello)], limits: DownloadLimits(connections: 1)) {
            server in
            let paths = server.requests.map { $0.split(separator: " ")[1] }
            #expect(paths == (0..<50).map { "/\($0)" } && server.connections == 1)
        }
    }

    @Test(arguments: [
        (
            ScriptedServer.Reply.fin("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"),
            "truncated"
        ),
        (.rst("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "reset"),
        (.fin(""), "closed"), (.rst(""), "reset"), (.silence, "timeout"),
        (.keep("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "timeout"),
        (.keep("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "redirect"),
        (.keep("HTTP/1.1 302 F\r\nLocation: https://a/\r\nContent-Length: 0\r\n\r\n"), "redirect"),
        (.keep("HTTP/1.1 302 F\r\nLocation: /0\r\nContent-Length: 0\r\n\r\n"), "redirect"),
        (.keep("hello"), "malformed"),
    ])
    func `each failure has its name`(reply: ScriptedServer.Reply, kind: String) throws {
        let limits = DownloadLimits(connections: 4, patience: 50_000_000)
        let answer = try #require(try answers([reply], limits: limits).first)
        #expect(answer.failure?.kind.rawValue == kind)
    }

    @Test func `a status is no failure of the wire`() throws {
        let reply = "HTTP/1.1 503 No\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno"
        let answer = try #require(try answers([.keep(reply)]).first)
        #expect(answer.failure == nil && answer.status == 503 && answer.retryAfter == "3")
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is followed, and its connection is used again`(status: Int) throws {
        let moved =
            "HTTP/1.1 \(status) Moved\r\nLocation: /there?x\r\nContent-Length: 0\r\n\r\n"
        let answer = try #require(
            try answers([.keep(moved), .keep(Self.hello)]) {
                #expect($0.connections == 1 && $0.requests[1].hasPrefix("GET /there?x "))
            }.first)
        #expect(answer.status == 200 && answer.url.target == "/there?x")
    }

    @Test func `a kept connection that has ended costs no answer`() throws {
        let loop = try EventLoop()
        let server = try ScriptedServer([.keep(Self.hello), .fin(""), .keep(Self.hello)], on: loop)
        let client = DownloadClient(on: loop, limits: DownloadLimits(connections: 1))
        var answers: [DownloadAnswer] = []
        for _ in 0..<2 { client.get(try server.url()) { answers.append($0) } }
        loop.run("two answers") { answers.count == 2 }
        #expect(answers.allSatisfy { $0.failure == nil } && server.connections == 2)
        client.stop()
    }

    @Test func `but only once, and not on a new connection`() throws {
        let all = try answers(
            asking: 3, [.keep(Self.hello), .fin("")], limits: DownloadLimits(connections: 1))
        #expect(all.map { $0.failure?.kind } == [nil, .closed, .closed])
    }

    @Test func `bytes that nobody asked for end a connection, and nothing else`() throws {
        let all = try answers(
            asking: 2, [.keep(Self.hello + "HTTP/1.1 200")], limits: .init(connections: 1)
        ) {
            #expect($0.connections == 2)
        }
        #expect(all.allSatisfy { $0.content == Array("hello".utf8) && $0.failure == nil })
    }

    @Test func `too much is refused, of one answer and of all`() throws {
        var limits = DownloadLimits(connections: 4)
        limits.content = 4
        #expect(try answers([.keep(Self.hello)], limits: limits).first?.failure?.kind == .large)
        limits.content = 100
        limits.contentInAll = 4
        #expect(try answers([.keep(Self.hello)], limits: limits).first?.failure?.kind == .large)
    }

    @Test func `the whole time is bounded, however it drips`() throws {
        let limits = DownloadLimits(connections: 1, patience: 5_000_000_000, total: 30_000_000)
        let answer = try #require(
            try answers([.keep("HTTP/1.1 200 OK\r\n")], limits: limits).first)
        #expect(answer.failure?.kind == .timeout)
        #expect(answer.ended - answer.began >= 30_000_000)
    }

    @Test func `nobody listens there`() throws {
        let loop = try EventLoop()
        let server = try ScriptedServer([.silence], on: loop)
        let url = try server.url()
        server.stopListening()
        let client = DownloadClient(on: loop, limits: DownloadLimits(connections: 1))
        var answer: DownloadAnswer?
        client.get(url) { answer = $0 }
        loop.run("an answer") { answer != nil }
        #expect(answer?.failure?.kind == .refused)
    }

    @Test func `a name without an address is told`() throws {
        let loop = try EventLoop()
        let client = DownloadClient(on: loop, limits: DownloadLimits(connections: 1))
        var answer: DownloadAnswer?
        client.get(try DownloadURL("http://a..b/")) { answer = $0 }
        loop.run("an answer") { answer != nil }
        #expect(answer?.failure?.kind == .name)
    }

    @Test func `who stops hears nothing more`() throws {
        let loop = try EventLoop()
        let server = try ScriptedServer([.silence], on: loop)
        let client = DownloadClient(on: loop, limits: DownloadLimits(connections: 2))
        for _ in 0..<5 { client.get(try server.url()) { _ in Issue.record("an answer") } }
        loop.run("two requests") { server.requests.count == 2 }
        client.stop()
        #expect(client.inFlight == 0)
        loop.run("the end of the connections") { server.open == 0 }
    }
}
