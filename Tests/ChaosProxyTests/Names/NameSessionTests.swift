import Faults
import Glibc
import Records
import TestSupport
import Testing

@testable import ChaosProxy

struct NameSessionTests {
    private func toxic(_ type: String, _ fields: (String, String)...) throws -> Toxic {
        let all = [ToxicField("type", .text(type))] + fields.map { ToxicField($0.0, .text($0.1)) }
        return try ToxicReading(all, as: .words).toxic()
    }

    private func framed(_ number: UInt8, _ type: UInt8 = 1, _ code: String = "br") -> [UInt8] {
        NameHarness.framed(NameHarness.query(number, type, code))
    }

    @Test func `questions behind each other are answered, in whatever pieces they come`() throws {
        let harness = try NameHarness()
        let client = harness.connect()
        // glibc sends A and AAAA at once.
        client.sends(framed(1) + framed(2, 28))
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:0"])
        for byte in framed(3, 1, "xx") { client.sends([byte]) }
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:0", "3:3"])
        #expect(harness.records.map(\.method) == ["A", "AAAA", "A"])
        #expect(harness.records.map(\.target).last == "xx.flags.test")
        #expect(harness.records.map { $0.status?.code } == [0, 0, 3])
        #expect(harness.records.map(\.exchange) == [1, 2, 3])
        #expect(harness.proxy.counters.requests == 3 && harness.proxy.counters.inFlight == 0)
        #expect(harness.records.allSatisfy { !$0.isUnplanned })
        #expect(harness.records.map(\.isOK) == [true, true, false])
        #expect(harness.records.map(\.isNotFound) == [false, false, true])
    }

    @Test func `a delayed answer lets a later one overtake it`() throws {
        let harness = try NameHarness([
            try toxic("latency", ("latency", "100ms"), ("exchanges", "1"))
        ])
        let client = harness.connect()
        client.sends(framed(1) + framed(2) + framed(3))
        #expect(NameHarness.answers(client.stream.output) == ["2:0", "3:0"])
        #expect(harness.proxy.counters.inFlight == 1)
        harness.wait(99, client)
        #expect(harness.proxy.runningCount == 1)
        harness.wait(1, client)
        #expect(NameHarness.answers(client.stream.output) == ["2:0", "3:0", "1:0"])
        let last = try #require(harness.records.last)
        #expect(last.attempt == 1 && last.plannedDelay == 100_000_000)
        #expect(last.actualDelay == 100_000_000 && last.faults.first?.hasActed == true)
    }

    @Test func `a socket that fails has a word, and what is asked a record`() throws {
        let harness = try NameHarness([try toxic("latency", ("latency", "10s"))])
        let client = harness.connect()
        client.sends(framed(1))
        client.session.closed(.failed(ENOSPC))
        #expect(harness.warnings == ["dns: connection 1: its socket: No space left on device"])
        #expect(harness.records.map(\.ending) == [.error])
        #expect(harness.proxy.counters.inFlight == 0)
    }

    @Test func `a toxic that is gone holds nothing back`() throws {
        let harness = try NameHarness([try toxic("latency", ("latency", "10s"))])
        let client = harness.connect()
        client.sends(framed(1))
        #expect(client.stream.output.isEmpty)
        harness.proxy.set(toxics: [])
        #expect(NameHarness.answers(client.stream.output) == ["1:0"])
    }

    @Test func `a fault gives the answer, and the record says so`() throws {
        let harness = try NameHarness([try toxic("servfail", ("exchanges", "2"))])
        let client = harness.connect()
        client.sends(framed(1) + framed(2) + framed(3, 28))
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:2", "3:0"])
        #expect(harness.records.map(\.isInjected) == [false, true, false])
        #expect(harness.proxy.counters.injected == 1)
        #expect(harness.records[1].status?.code == 2 && !harness.records[1].isUnplanned)
    }

    @Test func `what is dropped keeps its connection`() throws {
        let harness = try NameHarness([try toxic("drop", ("exchanges", "1"))])
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(NameHarness.answers(client.stream.output) == ["2:0"])
        #expect(harness.records.map(\.status?.code) == [nil, 0])
        #expect(client.stream.isOpen && !harness.records[0].isUnplanned)
    }

    @Test func `a slow answer comes byte by byte, and what is behind it waits`() throws {
        let harness = try NameHarness([
            try toxic("slow-tcp", ("pause", "10ms"), ("exchanges", "1"))
        ])
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(client.stream.output.count == 1)
        let length = NameHarness.query(1).count + 16 + 2
        harness.wait(10 * UInt64(length - 2), client)
        #expect(client.stream.output.count == length - 1)
        harness.wait(10, client)
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:0"])
    }

    @Test func `what is no question is counted, and answered where that can be`() throws {
        let harness = try NameHarness()
        let client = harness.connect()
        let answer: [UInt8] = [0, 9, 0x81, 0] + [UInt8](repeating: 0, count: 8)
        client.sends([0, 0] + NameHarness.framed([1, 2, 3]) + NameHarness.framed(answer))
        #expect(client.stream.output.isEmpty && harness.proxy.counters.malformed == 3)
        client.sends(NameHarness.framed(NameHarness.query(4) + [0]) + framed(5))
        #expect(NameHarness.answers(client.stream.output) == ["4:1", "5:0"])
        #expect(harness.proxy.counters.malformed == 4)
        #expect(harness.records.map(\.isMalformed) == [true, false])
    }

    @Test func `a client that ends gets what it is owed`() throws {
        let harness = try NameHarness([try toxic("latency", ("latency", "50ms"))])
        let client = harness.connect()
        client.sends(framed(1))
        client.ends()
        #expect(client.stream.isOpen)
        harness.wait(50, client)
        client.deliver()
        #expect(NameHarness.answers(client.stream.output) == ["1:0"])
        #expect(!client.stream.isOpen && harness.proxy.connectionCount == 0)
    }

    @Test func `a client that resets while it waits has given up`() throws {
        let harness = try NameHarness([try toxic("latency", ("latency", "50ms"))])
        let client = harness.connect()
        client.sends(framed(1))
        client.stream.peerResets()
        client.deliver()
        #expect(harness.records.map(\.ending) == [.clientRST])
        #expect(harness.records[0].hasGivenUp && harness.proxy.counters.inFlight == 0)
    }

    @Test func `only so many are under way at once`() throws {
        let harness = try NameHarness([try toxic("latency", ("latency", "50ms"))])
        let client = harness.connect()
        client.sends((0..<200).flatMap { framed(UInt8($0)) })
        #expect(harness.proxy.counters.inFlight == 64 && !client.stream.isReading)
        harness.wait(500, client)
        #expect(NameHarness.answers(client.stream.output).count == 200)
        #expect(client.stream.isReading && harness.proxy.counters.peak == 64)
    }

    @Test func `an idle connection ends, and so does a message that never ends`() throws {
        let harness = try NameHarness()
        let (idle, half) = (harness.connect(), harness.connect())
        half.sends([0, 40, 1])
        for tick in 1...76 {
            harness.environment.everySecond(date: 0, tick: UInt32(tick))
            if tick == 20 { #expect(half.stream.isOpen) }
            if tick == 21 { #expect(!half.stream.isOpen) }
            if tick == 75 { #expect(idle.stream.isOpen) }
        }
        #expect(!idle.stream.isOpen)
    }

    @Test func `a question gives its connection all its time again, and what is none does not`()
        throws
    {
        let harness = try NameHarness()
        let (asking, wrong, half) = (harness.connect(), harness.connect(), harness.connect())
        for tick in 1...146 {
            harness.environment.everySecond(date: 0, tick: UInt32(tick))
            switch tick {
            case 60: half.sends(Array(framed(1).prefix(10)))
            case 70:
                asking.sends(framed(1))
                wrong.sends(NameHarness.framed([1, 2, 3]))
                // The next message has begun, with time of its own.
                half.sends(Array(framed(1).dropFirst(10)) + [0, 40, 1])
            case 75: #expect(wrong.stream.isOpen)
            case 76: #expect(!wrong.stream.isOpen)
            case 90: #expect(half.stream.isOpen)
            case 91: #expect(!half.stream.isOpen)
            case 145: #expect(asking.stream.isOpen)
            default: break
            }
        }
        #expect(!asking.stream.isOpen)
    }

    @Test func `a client that never reads is reset`() throws {
        let harness = try NameHarness()
        let client = harness.connect()
        client.sends(framed(1))
        client.stream.queuedBytes = 300 << 10
        client.stream.stalledSince = harness.clock.now
        client.sends(framed(2))
        #expect(!client.stream.isReading && harness.proxy.counters.requests == 1)
        harness.clock.now += 21_000_000_000
        harness.environment.everySecond(date: 0, tick: 21)
        #expect(client.stream.calls.contains(.reset))
    }

    @Test func `who is over a limit is refused`() throws {
        var limits = RequestLimits()
        limits.rate = 1
        let harness = try NameHarness([], limits)
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:5"])
        #expect(harness.records.map(\.refusal) == [nil, .rate])
        #expect(harness.proxy.counters.refused == 1)
    }

    @Test func `who waits for a place goes on when there is one`() throws {
        var limits = RequestLimits()
        (limits.maxConcurrency, limits.overLimit) = (1, .queue)
        let harness = try NameHarness(
            [try toxic("latency", ("latency", "50ms"), ("exchanges", "1"))], limits)
        let client = harness.connect()
        client.sends(framed(1) + framed(2))
        #expect(client.stream.output.isEmpty && harness.proxy.queuedCount == 1)
        #expect(harness.proxy.running(atMost: 9).map(\.isWaiting) == [false, true])
        harness.wait(50, client)
        #expect(NameHarness.answers(client.stream.output) == ["1:0", "2:0"])
        #expect(harness.records.map(\.queued) == [0, 50_000_000])
    }

    @Test func `it ends behind what is owed`() throws {
        let harness = try NameHarness([try toxic("latency", ("latency", "50ms"))])
        let client = harness.connect()
        client.sends(framed(1))
        harness.proxy.drain()
        #expect(client.stream.isOpen && client.session.isOwing)
        harness.wait(50, client)
        client.deliver()
        #expect(NameHarness.answers(client.stream.output) == ["1:0"] && !client.stream.isOpen)
    }
}
