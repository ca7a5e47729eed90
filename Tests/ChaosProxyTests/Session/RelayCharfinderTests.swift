import Faults
import TestSupport
import Testing

@testable import ChaosProxy

/// Lines behind a prompt, through a proxy.
struct RelayCharfinderTests {
    private let leaving: [UInt8] = [0xff, 0xf4, 0xff, 0xfd, 0x06]

    @Test func `a query is an exchange, called QUERY, with its words as the target`() throws {
        let harness = try RelayHarness(.charfinder, isConnected: false)
        #expect(harness.isDialing)
        harness.connect()
        harness.reply("?> ")
        #expect(harness.toClient() == "?> ")
        harness.send(" chess black \r\nsun\n")
        harness.reply("U+265A\t♚\tBLACK CHESS KING\r\n1 found\r\n?> 0 found\r\n?> ")
        #expect(harness.toBackend() == " chess black \r\nsun\n")
        #expect(
            harness.toClient()
                == "U+265A\t♚\tBLACK CHESS KING\r\n1 found\r\n?> 0 found\r\n?> ")
        #expect(harness.records.map(\.method) == ["QUERY", "QUERY"])
        #expect(harness.records.map(\.target) == ["chess black", "sun"])
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `an injected error is a status line, and the prompt stays before it`() throws {
        let harness = try RelayHarness(.charfinder, [.respond((503, 1))])
        harness.send("digit\r\n")
        #expect(harness.toClient() == "")
        harness.reply("?> ")
        #expect(harness.toClient() == "?> error injected by flagserver\r\n?> ")
        #expect(harness.toBackend() == "")
        #expect(harness.records.map(\.target) == ["digit"])
        harness.expectNothingLeft()
    }

    @Test func `who leaves is left by the server, and its record is no failure`() throws {
        let harness = try RelayHarness(.charfinder)
        harness.reply("?> ")
        harness.send(leaving)
        #expect(harness.backend.output == leaving)
        harness.backendEnds()
        #expect(harness.toClient() == "?> ")
        #expect(harness.records.map(\.method) == [""])
        #expect(harness.endings == [.fin])
        #expect(harness.records.allSatisfy { !$0.isUnplanned })
        #expect(!harness.client.isOpen)
    }

    @Test func `a fault may answer who leaves, and then the session goes on`() throws {
        let harness = try RelayHarness(.charfinder, [.respond((503, 1))])
        harness.reply("?> ")
        harness.send(leaving)
        #expect(harness.toClient() == "?> error injected by flagserver\r\n?> ")
        #expect(harness.client.isOpen)
        harness.set([])
        harness.send("sun\n")
        #expect(harness.toBackend() == "sun\n")
        harness.reply("0 found\r\n?> ")
        #expect(harness.toClient() == "0 found\r\n?> ")
    }

    @Test func `who leaves and who asks for nothing are counted apart`() throws {
        let harness = try RelayHarness(.charfinder, [.respond((503, 1))])
        harness.reply("?> ")
        for line in ["\r\n", "\u{3}\n", "\r\n", "\u{3}\n"] { harness.send(line) }
        #expect(harness.records.map(\.target) == ["", "\u{3}", "", "\u{3}"])
        #expect(harness.records.map(\.attempt) == [1, 1, 2, 2])
    }

    @Test func `a line that the client's FIN ends is a query`() throws {
        let harness = try RelayHarness(.charfinder)
        harness.reply("?> ")
        harness.send("sun")
        #expect(harness.toBackend() == "")
        harness.clientEnds()
        #expect(harness.toBackend() == "sun")
        harness.reply("0 found\r\n?> ")
        harness.backendEnds()
        #expect(harness.toClient() == "?> 0 found\r\n?> ")
        #expect(harness.records.map(\.target) == ["sun"])
        #expect(harness.records.allSatisfy { !$0.isUnplanned })
    }

    @Test func `a server that ends in the middle of a reply has not sent all of it`() throws {
        let harness = try RelayHarness(.charfinder)
        harness.reply("?> ")
        harness.send("sun\n")
        harness.reply("U+2600\t")
        harness.backendEnds()
        #expect(harness.endings == [.backendFin])
    }
}
