import Faults
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// What has left of answers in a stream, and what ends them before.
struct NameLeavingTests {
    private func slow(_ exchanges: String) throws -> Toxic {
        let fields = [("type", "slow-tcp"), ("pause", "10ms"), ("exchanges", exchanges)]
        let all = fields.map { ToxicField($0.0, .text($0.1)) }
        return try ToxicReading(all, as: .words).toxic()
    }

    private func framed(_ number: UInt8) -> [UInt8] {
        NameHarness.framed(NameHarness.query(number))
    }

    /// With an operation that nobody does.
    private var mistake: [UInt8] {
        NameHarness.framed([0, 7, 0x28, 0] + [UInt8](repeating: 0, count: 8))
    }

    @Test func `who resets in the middle of an answer got so much, and gave up`() throws {
        let harness = try NameHarness([try slow("1")])
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        harness.wait(40, client)
        #expect(client.stream.output.count == 5 && harness.records.isEmpty)
        #expect(harness.proxy.counters.inFlight == 2)
        #expect(harness.proxy.running(atMost: 9).map(\.isWaiting) == [false, false])
        client.stream.peerResets()
        client.deliver()
        #expect(harness.records.map(\.bytesSent) == [5, 0])
        #expect(harness.records.allSatisfy { $0.ending == .clientRST && $0.hasGivenUp })
        #expect(harness.records.allSatisfy { $0.status == nil })
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `an answer is over when its last byte is taken`() throws {
        let harness = try NameHarness()
        let client = harness.connect()
        client.stream.queuedBytes = 10
        client.sends(framed(1))
        #expect(harness.records.isEmpty && harness.proxy.counters.inFlight == 1)
        client.stream.queuedBytes = 0
        client.session.drained()
        #expect(harness.records.map(\.ending) == [.keep])
        #expect(harness.records.map(\.bytesSent) == [client.stream.output.count])
        client.stream.queuedBytes = 10
        client.sends(framed(2))
        client.session.lost(12, untaken: 10)
        client.session.closed(.rst)
        #expect(harness.records.map(\.ending) == [.keep, .rst])
        #expect(harness.records[1].bytesSent == harness.records[0].bytesSent - 12)
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `what was slow is slow no more when its toxic is gone`() throws {
        let harness = try NameHarness([try slow("2")])
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(client.stream.output.isEmpty == false)
        harness.wait(20, client)
        harness.proxy.set(toxics: [])
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:0"])
        #expect(harness.records.map(\.ending) == [.keep, .keep])
    }

    @Test func `so many are answered in one turn, and the others in the next ones`() throws {
        let harness = try NameHarness()
        let client = harness.connect()
        client.sends((0..<200).flatMap { _ in mistake } + framed(1))
        #expect(NameHarness.answers(client.stream.output).count == 64)
        #expect(!client.stream.isReading)
        client.ends()
        harness.wait(0, client)
        let answers = NameHarness.answers(client.stream.output)
        #expect(answers == [String](repeating: "7:4", count: 200) + ["1:0"])
        #expect(harness.records.map(\.exchange) == Array(1...201))
        #expect(!client.stream.isOpen)
    }

    @Test func `who waits for a place when the proxy goes has a record`() throws {
        var limits = RequestLimits()
        (limits.maxConcurrency, limits.overLimit) = (1, .queue)
        let harness = try NameHarness([try slow("1")], limits)
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(harness.proxy.queuedCount == 1)
        harness.wait(30, client)
        harness.proxy.closeConnections()
        client.deliver()
        #expect(harness.records.map(\.ending) == [.fin, .fin])
        #expect(Set(harness.records.map(\.exchange)) == [1, 2])
        #expect(harness.records.map(\.queued).max() == 30_000_000)
        #expect(harness.proxy.queuedCount == 0 && harness.proxy.counters.inFlight == 0)
        #expect(harness.proxy.counters.requests == 2 && harness.proxy.connectionCount == 0)
    }

    @Test func `one answer at once is no limit for what comes at once`() throws {
        var limits = RequestLimits()
        limits.maxConcurrency = 1
        let harness = try NameHarness([], limits)
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:0"])
    }

    @Test func `messages of no length keep no connection`() throws {
        let harness = try NameHarness()
        let (whole, halves) = (harness.connect(), harness.connect())
        halves.sends([0])
        for tick in 1...76 {
            whole.sends([0, 0])
            halves.sends([0, 0])
            harness.environment.everySecond(date: 0, tick: UInt32(tick))
            if tick == 21 { #expect(!halves.stream.isOpen) }
            if tick < 75 { #expect(whole.stream.isOpen) }
        }
        #expect(!whole.stream.isOpen)
    }
}
