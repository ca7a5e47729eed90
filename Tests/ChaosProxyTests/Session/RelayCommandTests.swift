import Faults
import Testing

@testable import ChaosProxy

/// redis, memcache, smtp: each command is an exchange; mysql: the connection.
struct RelayCommandTests {
    @Test func `redis commands and replies are told apart`() throws {
        let harness = try RelayHarness(.redis)
        let get = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
        for byte in (get + get).utf8 { harness.send([byte]) }
        #expect(harness.toBackend() == get + get)
        harness.reply("$1\r\nx\r\n$-")
        harness.reply("1\r\n")
        #expect(harness.toClient() == "$1\r\nx\r\n$-1\r\n")
        #expect(harness.records.map(\.method) == ["GET", "GET"])
        #expect(harness.records.map(\.bytesSent) == [7, 5])
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `a redis error takes its place in the order`() throws {
        let respond = Respond(statuses: [(status: 503, weight: 1)], retryAfter: nil)
        var match = Match()
        match.request = try ExchangeRange("2")
        let harness = try RelayHarness(
            .redis, [Toxic(.respond(respond), stream: .upstream, match: match)])
        harness.send("PING\r\nPING\r\nPING\r\n")
        #expect(harness.toBackend() == "PING\r\nPING\r\n")
        harness.reply("+PONG\r\n+PONG\r\n")
        #expect(harness.toClient() == "+PONG\r\n-ERR injected by flagserver\r\n+PONG\r\n")
        #expect(harness.records.map(\.bytesSent) == [7, 29, 7])
        harness.expectNothingLeft()
    }

    @Test func `memcache's noreply is over when it is sent`() throws {
        let harness = try RelayHarness(.memcache)
        let set = "set a 0 0 1 noreply\r\nx\r\n"
        harness.send(set)
        #expect(harness.toBackend() == set)
        #expect(harness.records.count == 1 && harness.proxy.counters.inFlight == 0)
        harness.send("get a\r\n")
        harness.reply("VALUE a 0 1\r\nx\r\nEND\r\n")
        #expect(harness.endings == [.keep, .keep])
        #expect(harness.records.map(\.bytesSent) == [0, 21])
        harness.expectNothingLeft()
    }

    @Test func `an error for memcache's noreply is silence`() throws {
        let harness = try RelayHarness(.memcache, [.respond((503, 1))])
        harness.send("set a 0 0 1 noreply\r\nx\r\nget a\r\n")
        #expect(harness.toClient() == "SERVER_ERROR injected by flagserver\r\n")
        #expect(harness.dialed.isEmpty)
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `an smtp server greets first`() throws {
        let harness = try RelayHarness(.smtp, isConnected: false)
        #expect(harness.isDialing)
        harness.connect()
        harness.reply("220 hello\r\n")
        #expect(harness.toClient() == "220 hello\r\n")
        #expect(harness.records.isEmpty)
        harness.send("EHLO x\r\n")
        harness.reply("250-one\r\n250 two\r\n")
        harness.send("DATA\r\n")
        harness.reply("354 go\r\n")
        harness.send("text\r\n.\r\n")
        harness.reply("250 done\r\n")
        #expect(harness.toBackend() == "EHLO x\r\nDATA\r\ntext\r\n.\r\n")
        #expect(harness.toClient() == "250-one\r\n250 two\r\n354 go\r\n250 done\r\n")
        #expect(harness.records.map(\.method) == ["EHLO", "DATA"])
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
        #expect(harness.records.count == 2)
    }

    @Test func `an smtp error answers a command, and the greeting stays before it`() throws {
        let harness = try RelayHarness(.smtp, [.respond((503, 1))])
        harness.send("MAIL FROM:<a@b>\r\n")
        #expect(harness.toClient() == "")
        harness.reply("220 hello\r\n")
        #expect(harness.toClient() == "220 hello\r\n451 4.3.0 injected by flagserver\r\n")
        #expect(harness.toBackend() == "")
        harness.send("DATA\r\n")
        #expect(harness.toClient() == "451 4.3.0 injected by flagserver\r\n")
        harness.send("QUIT\r\n")
        #expect(harness.records.map(\.method) == ["MAIL", "DATA", "QUIT"])
        harness.expectNothingLeft()
    }

    @Test func `an smtp backend that refuses ends the connection of a client that waits`() throws {
        let harness = try RelayHarness(.smtp, isConnected: false)
        harness.refuse()
        #expect(harness.client.endings == [.close(lingering: false)])
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `STARTTLS becomes a tunnel`() throws {
        let harness = try RelayHarness(.smtp)
        harness.reply("220 hello\r\n")
        harness.send("STARTTLS\r\n")
        harness.reply("220 go\r\n")
        #expect(harness.isRelayingUp && harness.isRelayingDown)
        harness.send([0x16, 3, 1])
        harness.reply([0x16, 3, 3])
        #expect(harness.backend.output.suffix(3) == [0x16, 3, 1])
        #expect(harness.client.output.suffix(3) == [0x16, 3, 3])
        harness.clientEnds()
        harness.backendEnds()
        #expect(harness.endings == [.upgraded])
        harness.expectNothingLeft()
    }

    @Test func `what comes with the refusal of STARTTLS answers the command behind it`() throws {
        let harness = try RelayHarness(.smtp)
        harness.reply("220 hello\r\n")
        harness.send("STARTTLS\r\nNOOP\r\n")
        #expect(harness.toBackend() == "STARTTLS\r\n")
        harness.reply("454 no\r\n421 bye\r\n")
        #expect(harness.toBackend() == "NOOP\r\n")
        #expect(harness.toClient() == "220 hello\r\n454 no\r\n421 bye\r\n")
        #expect(harness.records.map(\.method) == ["STARTTLS", "NOOP"])
        #expect(harness.records.map(\.status) == [454, 421])
        #expect(harness.warnings.isEmpty)
        harness.expectNothingLeft()
    }

    @Test func `mysql is passed on as a connection`() throws {
        let harness = try RelayHarness(.mysql)
        harness.reply("greeting")
        harness.send("login")
        #expect(harness.toClient() == "greeting")
        #expect(harness.toBackend() == "login")
        harness.backendEnds()
        harness.clientEnds()
        #expect(harness.records.map(\.bytesSent) == [8])
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `a mysql error ends the connection before the backend is asked`(wantsRecords: Bool) throws
    {
        let harness = try RelayHarness(.mysql, [.respond((503, 1))], wantsRecords: wantsRecords)
        let reply = MySQL.error(1105, "injected by flagserver")
        #expect(harness.client.output == reply)
        #expect(harness.dialed.isEmpty)
        harness.settle()
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.endings == (wantsRecords ? [.fin] : []))
        #expect(harness.records.map(\.bytesSent) == (wantsRecords ? [reply.count] : []))
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `a reply that nobody asked for, in the middle of a command, is passed on`() throws {
        let harness = try RelayHarness(.memcache)
        harness.send("set k 0 0 100 noreply\r\npart")
        harness.reply("SERVER_ERROR object too large for cache\r\n")
        #expect(harness.toClient() == "SERVER_ERROR object too large for cache\r\n")
        #expect(harness.warnings.count == 1)
        harness.send(" and more")
        #expect(harness.toBackend().hasSuffix("part and more"))
        harness.expectNothingLeft()
    }
}
