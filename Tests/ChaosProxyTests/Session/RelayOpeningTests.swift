import Faults
import HTTPWire
import TestSupport
import Testing

@testable import ChaosProxy

/// PostgreSQL: the connection is the exchange, its error stands behind the client's first words.
struct RelayOpeningTests {
    static let tls: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]
    static let gssapi: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]
    /// Version 3.0, `user` is `a`.
    static let startup: [UInt8] = [0, 0, 0, 16, 0, 3, 0, 0] + Array("user\0a\0\0".utf8)
    /// CancelRequest of process 1 with the secret 2.
    static let cancel: [UInt8] = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2]

    /// As PostgreSQL's own server says it, but for the words in parentheses.
    static let error: [UInt8] =
        [0x45, 0, 0, 0, 87] + Array("SFATAL\0VFATAL\0C57P03\0".utf8)
        + Array("Mthe database system is starting up (injected by flagserver)\0\0".utf8)

    private func harness(_ toxics: [Toxic] = [.respond((503, 1))]) throws -> RelayHarness {
        try RelayHarness(.postgres, toxics)
    }

    @Test func `the error is a well-formed ErrorResponse`() throws {
        let error = try #require(ProxyProtocol.postgres.errorReply())
        #expect(error.closes && error.status == nil)
        #expect(error.bytes == Self.error)
        #expect(Int(Self.error[4]) == Self.error.count - 1)
    }

    @Test func `without a fault all passes untouched`() throws {
        let harness = try harness([])
        harness.send(Self.tls)
        harness.reply("S")
        harness.send([0x16, 3, 1])
        #expect(harness.backend.output == Self.tls + [0x16, 3, 1])
        #expect(harness.client.output == Array("S".utf8))
        harness.backendEnds()
        harness.clientEnds()
        #expect(harness.records.map(\.bytesSent) == [1])
        harness.expectNothingLeft()
    }

    @Test(arguments: [
        [], tls, gssapi, tls + gssapi, gssapi + tls,
    ])
    func `encryption is declined, and behind the startup message comes the error`(
        before: [UInt8]
    ) throws {
        let declined = Array(repeating: UInt8(ascii: "N"), count: before.count / 8)
        for step in [1, 3, 1000] {
            let harness = try harness()
            #expect(harness.client.output.isEmpty && harness.client.isOpen)
            let sent = before + Self.startup
            for start in stride(from: 0, to: sent.count, by: step) {
                #expect(harness.client.output.count <= declined.count)
                harness.send(Array(sent[start..<min(start + step, sent.count)]))
            }
            #expect(harness.client.output == declined + Self.error)
            #expect(harness.dialed.isEmpty)
            harness.settle()
            #expect(harness.client.endings == [.close(lingering: true)])
            #expect(harness.endings == [.fin])
            #expect(harness.records.map(\.bytesSent) == [declined.count + Self.error.count])
            #expect(harness.records.first?.isUnplanned == false)
            #expect(harness.proxy.counters.injected == 1)
            harness.expectNothingLeft()
        }
    }

    @Test(arguments: [
        cancel, [0x16, 3, 1, 2], [0, 0, 0, 7], [0, 0, 0x27, 0x11], tls + tls + tls,
        [0xff, 0xff, 0xff, 0xff],
    ])
    func `what is no startup message gets the error, too`(sent: [UInt8]) throws {
        let harness = try harness()
        harness.send(sent)
        #expect(harness.client.output.suffix(Self.error.count) == Self.error[...])
        harness.settle()
        harness.expectNothingLeft()
    }

    @Test func `a startup message of the largest size is waited for`() throws {
        let harness = try harness()
        harness.send([0, 0, 0x27, 0x10, 0, 3, 0, 0] + Array(repeating: 0, count: 9991))
        #expect(harness.client.output.isEmpty)
        harness.send([0])
        #expect(harness.client.output == Self.error)
        harness.expectNothingLeft()
    }

    @Test(arguments: [[], tls, Array(startup.dropLast())])
    func `a client that ends before gets its end`(sent: [UInt8]) throws {
        let harness = try harness()
        harness.send(sent)
        harness.clientEnds()
        harness.settle()
        #expect(harness.client.endings.count == 1)
        #expect(harness.client.output.count == (sent == Self.tls ? 1 : 0))
        #expect(harness.proxy.counters.injected == 0)
        #expect(harness.records.count == 1)
        harness.expectNothingLeft()
    }

    @Test func `a client that resets before is over`() throws {
        let harness = try harness()
        harness.send(Self.tls)
        harness.clientResets()
        #expect(harness.endings == [.clientRST])
        harness.expectNothingLeft()
    }

    @Test func `the error waits for a delay that was drawn with it`() throws {
        let harness = try harness([.respond((503, 1)), .latency(.second)])
        harness.send(Self.startup)
        #expect(harness.client.output.isEmpty)
        harness.advance(to: .second)
        #expect(harness.client.output == Self.error)
        harness.expectNothingLeft()
    }
}
