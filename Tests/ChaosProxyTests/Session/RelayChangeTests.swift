import Faults
import Testing

@testable import ChaosProxy

/// Toxics change while connections live.
struct RelayChangeTests {
    @Test func `on tcp a change holds at once, without losing or reordering a byte`() throws {
        let harness = try RelayHarness(.tcp)
        harness.reply("1")
        harness.set([.latency(.second)])
        harness.reply("2")
        harness.set([.latency(2 * .second)])
        harness.reply("3")
        #expect(harness.toClient() == "1")
        harness.advance(to: .second)
        #expect(harness.toClient() == "2")
        harness.set([])
        #expect(harness.toClient() == "3")
        #expect(harness.environment.held.count == 0)
        harness.reply("4")
        #expect(harness.toClient() == "4")
        harness.expectNothingLeft()
    }

    @Test(arguments: [true, false])
    func `a live connection is not drawn for twice`(wantsRecords: Bool) throws {
        let half = try #require(Probability(0.5))
        let latency = Fault.latency(Latency(latency: .second, jitter: 0))
        for name in (0..<32).map({ "toxic \($0)" }) {
            let toxic = Toxic(latency, stream: .downstream, toxicity: .random(half), name: name)
            let harness = try RelayHarness(.tcp, [toxic], wantsRecords: wantsRecords)
            let isHit = !harness.isRelayingDown
            for _ in 0..<3 {
                harness.set([toxic, Toxic(.noop(Noop()), stream: .upstream)])
                #expect(harness.isRelayingDown == !isHit)
                harness.set([toxic])
            }
            harness.expectNothingLeft()
        }
    }

    @Test func `a live connection counts once, however often the toxics change`() throws {
        let harness = try RelayHarness(.tcp, [.latency(.second)])
        for _ in 0..<3 { harness.set([.latency(2 * .second)]) }
        #expect(harness.proxy.counters.drawn == 1)
        #expect(harness.proxy.counters.requests == 1)
        harness.expectNothingLeft()
    }

    @Test func `a limit that is changed has counted what has passed`() throws {
        let harness = try RelayHarness(
            .tcp, [Toxic(.limitData(LimitData(bytes: 10)), stream: .downstream)])
        harness.reply("123")
        harness.set([Toxic(.limitData(LimitData(bytes: 5)), stream: .downstream)])
        harness.reply("456")
        #expect(harness.toClient() == "12345")
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `a FIN that is held by a removed toxic goes on`() throws {
        let harness = try RelayHarness(
            .tcp, [Toxic(.slowClose(SlowClose(delay: .second)), stream: .downstream)])
        harness.backendEnds()
        #expect(harness.client.endings.isEmpty)
        harness.set([])
        #expect(harness.client.endings == [.finish])
        harness.expectNothingLeft()
    }

    @Test func `a removed timeout ends the connection, because bytes are missing`() throws {
        let harness = try RelayHarness(
            .tcp, [Toxic(.timeout(Timeout(timeout: 0)), stream: .downstream)])
        harness.reply("lost")
        harness.set([])
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `a connection whose backend has finished is over, and meets no new toxic`() throws {
        let harness = try RelayHarness(.tcp)
        harness.backendEnds()
        #expect(harness.endings == [.backendFin])
        #expect(harness.proxy.counters.inFlight == 0)
        harness.set([Toxic(.latency(Latency(latency: .second, jitter: 0)), stream: .upstream)])
        harness.send("late")
        harness.clientEnds()
        #expect(harness.toBackend() == "late")
        #expect(harness.records.map(\.faults.count) == [0])
        #expect(harness.isOver)
        harness.expectNothingLeft()
    }

    @Test func `on http a removed toxic lets go at once`() throws {
        let harness = try RelayHarness(.http, [.latency(.second)])
        harness.get("/a", "/b")
        harness.answer("a", "b")
        #expect(harness.environment.held.count > 0)
        harness.set([])
        #expect(harness.toClient() == ["a", "b"].map(RelayHarness.answer).joined())
        #expect(harness.environment.held.count == 0)
        #expect(harness.endings == [.keep, .keep])
        harness.expectNothingLeft()
    }

    @Test func `on http a new toxic is for the next exchange`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/a")
        harness.set([.latency(.second)])
        harness.get("/b")
        harness.answer("a", "b")
        #expect(harness.toClient() == RelayHarness.answer("a"))
        harness.advance(to: .second)
        #expect(harness.toClient() == RelayHarness.answer("b"))
        harness.expectNothingLeft()
    }

    @Test func `a toxic that is set again keeps what it holds`() throws {
        let harness = try RelayHarness(.http, [.latency(.second)])
        harness.get("/a")
        harness.answer("a")
        harness.set([.latency(.second), Toxic(.noop(Noop()), stream: .upstream)])
        #expect(harness.toClient() == "")
        harness.advance(to: .second)
        #expect(harness.toClient() == RelayHarness.answer("a"))
        harness.expectNothingLeft()
    }

    @Test func `a slow_close that is removed holds no FIN any more`() throws {
        let harness = try RelayHarness(
            .http, [Toxic(.slowClose(SlowClose(delay: .second)), stream: .downstream)])
        harness.get("/a")
        harness.answer("a")
        harness.backendEnds()
        #expect(harness.client.isOpen)
        harness.set([])
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `a slow_close that comes behind the FIN does not hold it`() throws {
        let harness = try RelayHarness(.tcp)
        harness.clientEnds()
        #expect(harness.backend.endings == [.finish])
        harness.set([Toxic(.slowClose(SlowClose(delay: .second)), stream: .upstream)])
        #expect(harness.deadline == nil)
        harness.advance(to: 2 * .second)
        harness.backendEnds()
        let record = try #require(harness.records.first)
        #expect(record.actualDelay == 0 && record.faults.map(\.hasActed) == [false])
        harness.expectNothingLeft()
    }

    @Test func `what follows lost bytes is mangled also when their fault has gone`() throws {
        let loss = PacketLoss(lossRate: .always, correlation: .never)
        let slicer = Slicer(averageSize: 30, sizeVariation: 0, delay: .second)
        let harness = try RelayHarness(
            .http,
            [
                Toxic(.slicer(slicer), stream: .downstream),
                Toxic(.packetLoss(loss), stream: .downstream),
            ])
        harness.get("/a")
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome")
        harness.set([])
        harness.reply("thing")
        #expect(harness.toClient() == "h: 9\r\n\r\nsomething")
        let record = try #require(harness.records.first)
        #expect(record.isMangled && record.status == nil && record.bytesSent == 9)
        harness.expectNothingLeft()
    }
}
