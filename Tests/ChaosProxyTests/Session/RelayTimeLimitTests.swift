import Faults
import Records
import TestSupport
import Testing

@testable import ChaosProxy

/// How long a request may take to come before a backend.
struct RelayTimeLimitTests {
    private static let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"

    /// Goes on by whole seconds, with the proxy's look at the time limits after each.
    private func pass(_ seconds: Int, _ harness: RelayHarness) {
        for _ in 0..<seconds where harness.client.isOpen {
            harness.clock.now += .second
            harness.session.checkTimeLimits(harness.clock.now)
            harness.settle()
        }
    }

    @Test func `a body that does not come in 30 seconds is answered 408`() throws {
        let harness = try RelayHarness(.http)
        harness.send(Self.post)
        pass(31, harness)
        #expect(harness.client.isOpen && harness.records.isEmpty)
        pass(1, harness)
        let answers = try ParsedAnswer.all(harness.toClient())
        #expect(answers.map(\.status) == [408])
        #expect(!harness.client.isOpen && !harness.backend.isOpen)
        #expect(harness.endings == [.fin])
        #expect(harness.records.map(\.isMalformed) == [true])
        #expect(harness.proxy.counters.malformed == 1)
        #expect(harness.proxy.counters.recorded.unplanned == 0)
        harness.expectNothingLeft()
    }

    @Test func `a drop a second does not make it longer`() throws {
        let harness = try RelayHarness(.http)
        harness.send(Self.post)
        for _ in 0..<32 {
            harness.send("x")
            pass(1, harness)
        }
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `the time in which nobody reads the client is not the client's`() throws {
        let toxic = Toxic(.bandwidth(Bandwidth(rate: 0)), stream: .upstream)
        let harness = try RelayHarness(.http, [toxic])
        harness.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        harness.send([UInt8](repeating: 7, count: 300 << 10))
        #expect(!harness.client.isReading)
        pass(100, harness)
        #expect(harness.client.isOpen && harness.records.isEmpty)
        harness.expectNothingLeft()
    }

    @Test func `an answer that has begun is not replaced`() throws {
        let harness = try RelayHarness(.http)
        harness.send(Self.post)
        harness.reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        pass(32, harness)
        #expect(harness.toClient().hasSuffix("half"))
        #expect(!harness.client.isOpen)
        #expect(harness.records.map(\.bytesSent) == [4])
        harness.expectNothingLeft()
    }

    @Test func `half a head has 20 seconds`() throws {
        let harness = try RelayHarness(.http)
        harness.send("GET / HT")
        pass(21, harness)
        #expect(harness.client.isOpen)
        pass(1, harness)
        #expect(try ParsedAnswer.all(harness.toClient()).map(\.status) == [408])
        #expect(!harness.client.isOpen)
        harness.expectNothingLeft()
    }

    @Test func `half a command of another protocol ends with FIN`() throws {
        let harness = try RelayHarness(.redis)
        harness.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nhalf")
        pass(32, harness)
        #expect(harness.client.endings == [.close(lingering: true)])
        #expect(harness.endings == [.fin])
        harness.expectNothingLeft()
    }

    @Test func `who has sent a whole request may wait for its answer`() throws {
        let harness = try RelayHarness(.http)
        harness.get("/slow")
        pass(1000, harness)
        harness.answer("late")
        #expect(harness.toClient().hasSuffix("late"))
        harness.expectNothingLeft()
    }
}
