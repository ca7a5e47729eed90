import HTTPWire
import Testing

@testable import ChaosProxy

struct FramingTests {
    @Test(arguments: [ProxyProtocol.tcp, .mysql])
    func `a protocol of connections is not framed`(protocol: ProxyProtocol) {
        let talk = Conversation(`protocol`, [.client("a"), .server("b")])
        #expect(talk.outcome.clientTunnels && talk.outcome.serverTunnels)
        #expect(`protocol`.drawsPerConnection)
        var framing = Framing(`protocol`)
        framing.injected()
    }

    @Test func `servers of mysql and smtp speak first`() {
        #expect(ProxyProtocol.allCases.filter(\.serverSpeaksFirst) == [.mysql, .smtp])
    }

    @Test func `the injected error of a text protocol is the reply that it looks like`() throws {
        let commands: [(ProxyProtocol, String)] = [
            (.redis, "PING\r\n"), (.memcache, "get k\r\n"), (.memcache, "stats\r\n"),
            (.memcache, "mg k v\r\n"), (.memcache, "delete k\r\n"), (.smtp, "EHLO a\r\n"),
            (.smtp, "QUIT\r\n"),
        ]
        for (`protocol`, command) in commands {
            let error = try #require(Framing.errorReply(`protocol`))
            var talk = Conversation(`protocol`)
            if `protocol` == .smtp { talk.server("220 a\r\n") }
            talk.client(command)
            talk.server(error.bytes)
            #expect(talk.outcome.replies.last?.isComplete == true && !talk.tunnels)
            #expect(talk.outcome.replies.last?.count == error.bytes.count && !error.closes)
        }
    }

    @Test func `tcp and http have no such error`() {
        #expect(Framing.errorReply(.tcp) == nil)
        #expect(Framing.errorReply(.http) == nil)
    }

    @Test func `mysql's error stands in place of the greeting, without an SQL state`() throws {
        let error = try #require(Framing.errorReply(.mysql))
        #expect(error.closes)
        let text = Array("injected by flagserver".utf8)
        #expect(error.bytes == [25, 0, 0, 0, 0xff, 0x51, 0x04] + text)
    }
}
