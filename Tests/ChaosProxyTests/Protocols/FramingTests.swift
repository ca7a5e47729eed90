import HTTPWire
import Testing

@testable import ChaosProxy

struct FramingTests {
    @Test(arguments: [ProxyProtocol.tcp, .mysql, .postgres])
    func `a protocol of connections is not framed`(protocol: ProxyProtocol) {
        #expect(`protocol`.traits.framing == nil && `protocol`.drawsPerConnection)
    }

    @Test func `servers of mysql, smtp and charfinder speak first`() {
        #expect(
            ProxyProtocol.allCases.filter(\.serverSpeaksFirst) == [.mysql, .smtp, .charfinder])
    }

    @Test func `the injected error of a text protocol is the reply that it looks like`() throws {
        let commands: [(ProxyProtocol, String)] = [
            (.redis, "PING\r\n"), (.memcache, "get k\r\n"), (.memcache, "stats\r\n"),
            (.memcache, "mg k v\r\n"), (.memcache, "delete k\r\n"), (.smtp, "EHLO a\r\n"),
            (.smtp, "QUIT\r\n"), (.charfinder, "chess black\r\n"), (.charfinder, "\n"),
        ]
        for (`protocol`, command) in commands {
            let error = try #require(`protocol`.errorReply())
            var talk = Conversation(`protocol`)
            if `protocol` == .smtp { talk.server("220 a\r\n") }
            if `protocol` == .charfinder { talk.server("?> ") }
            talk.client(command)
            talk.server(error.bytes)
            #expect(talk.outcome.replies.last?.isComplete == true && !talk.tunnels)
            #expect(talk.outcome.replies.last?.count == error.bytes.count && !error.closes)
        }
    }

    @Test func `tcp and http have no such error`() {
        #expect(ProxyProtocol.tcp.errorReply() == nil)
        #expect(ProxyProtocol.http.errorReply() == nil)
    }

    @Test func `mysql's error stands in place of the greeting, without an SQL state`() throws {
        let error = try #require(ProxyProtocol.mysql.errorReply())
        #expect(error.closes)
        let text = Array("injected by flagserver".utf8)
        #expect(error.bytes == [25, 0, 0, 0, 0xff, 0x51, 0x04] + text)
    }

    @Test func `an error says which limit a request was over`() {
        let error = ProxyProtocol.redis.errorReply(.maxConcurrency)
        let text = "-ERR refused by flagserver: over the limit (max-concurrency)\r\n"
        #expect(error == ErrorReply(text))
    }

    /// What `begins` with is what a request is drawn by.
    private func target(_ protocol: ProxyProtocol, _ sent: String) throws -> [UInt8] {
        let make = try #require(`protocol`.traits.framing)
        var framing = make()
        let bytes = Array(sent.utf8)
        guard case .begins(let head, _, _) = bytes.withUnsafeBytes({ framing.request($0) }) else {
            return []
        }
        return Array(bytes[head.target])
    }

    @Test(
        arguments: [
            ("GET\r\n$2\r\nk5", "GET k5"), ("GET k5", "GET k5"), ("PING", "PING"), ("", ""),
            ("SET\r\n$12\r\nkey with \r\n b", "SET key with \r\n b"), ("GET\r\n$0\r\n", "GET "),
            ("GET\r\n$5", "GET\r\n$5"), ("GET\r", "GET\r"), ("GET\r\n$\r\nk", "GET\r\n$\r\nk"),
        ])
    func `a Redis command is told without the length of its key`(target: String, shown: String) {
        let text = Array(target.utf8).withUnsafeBytes { ProxyProtocol.redis.traits.text($0) }
        #expect(text == shown)
    }

    @Test func `a request written on one line is drawn by what stands on the wire`() throws {
        let long = String(repeating: "k", count: 2000)
        let rows: [(ProxyProtocol, sent: String, written: String)] = [
            (.http, "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", "/a?b"),
            (.redis, "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", "GET key"),
            (.redis, "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1\r\nv\r\n", "SET key"),
            (.redis, "*1\r\n$4\r\nPING\r\n", "PING"),
            (.redis, "*2\r\n$3\r\nGET\r\n$2000\r\n\(long)\r\n", "GET \(long)"),
            (.memcache, "get key\r\n", "get key"),
            (.smtp, "MAIL FROM:<a@b>\r\n", "MAIL FROM:<a@b>"),
            (.charfinder, " chess black \r\n", "chess black"),
        ]
        for (`protocol`, sent, written) in rows {
            let key = `protocol`.key(of: written)
            #expect(try target(`protocol`, sent) == key, "\(`protocol`) \(written.prefix(20))")
        }
    }
}
