import Faults
import TestSupport
import Testing

@testable import ChaosProxy

/// Scripts by the thousand, the same in every run.
struct RelayRandomTests {
    @Test(arguments: [ProxyProtocol.http, .tcp])
    func `whatever is only delayed comes out as it went in`(protocol: ProxyProtocol) throws {
        for seed in UInt64(1)...1000 {
            var script = try RelayScript(seed: seed, `protocol`)
            for _ in 0..<40 { script.step(RelayScript.delays) }
            script.finish()
            let harness = script.harness
            #expect(harness.backend.output == script.requests, "seed \(seed)")
            #expect(harness.client.output == script.replies, "seed \(seed)")
            expectCounted(harness, seed)
            harness.clientEnds()
            harness.backendEnds()
            harness.advance(to: 10_000 * .second)
            #expect(harness.isOver, "seed \(seed)")
            #expect(harness.proxy.counters.recorded.unplanned == 0, "seed \(seed)")
            harness.expectNothingLeft()
        }
    }

    private func expectCounted(_ harness: RelayHarness, _ seed: UInt64) {
        let counters = harness.proxy.counters
        #expect(counters.sentUpstream == UInt64(harness.backend.output.count), "seed \(seed)")
        #expect(counters.sentDownstream == UInt64(harness.client.output.count), "seed \(seed)")
    }

    @Test(arguments: [Toxic.Stream.upstream, .downstream])
    func `a limit leaves exactly the beginning`(stream: Toxic.Stream) throws {
        for seed in UInt64(1)...300 {
            var script = try RelayScript(seed: seed, .tcp)
            let limit = script.number(1500)
            script.harness.set([Toxic(.limitData(LimitData(bytes: Int64(limit))), stream: stream)])
            for _ in 0..<40 { script.step([]) }
            let harness = script.harness
            #expect(script.requests.starts(with: harness.backend.output), "seed \(seed)")
            #expect(script.replies.starts(with: harness.client.output), "seed \(seed)")
            expectCounted(harness, seed)
            harness.expectNothingLeft()
        }
    }

    @Test(arguments: ProxyProtocol.allCases)
    func `nothing is left of any session, whatever happens`(protocol: ProxyProtocol) throws {
        for seed in UInt64(1)...500 {
            var script = try RelayScript(seed: seed, `protocol`)
            script.harness.client.closesLate = script.number(2) == 0
            script.harness.backend.closesLate = script.number(2) == 0
            for _ in 0..<40 { happens(&script) }
            expectCounted(script.harness, seed)
            script.harness.expectNothingLeft("\(`protocol`) \(seed)")
        }
    }

    @Test(arguments: ProxyProtocol.allCases)
    func `when both ends have ended, so does the session`(protocol: ProxyProtocol) throws {
        for seed in UInt64(1)...500 {
            var script = try RelayScript(seed: seed, `protocol`)
            for _ in 0..<40 { happens(&script) }
            let harness = script.harness
            harness.connect()
            for stream in [harness.client, harness.backend] where stream.queuedBytes > 0 {
                harness.drain(stream)
            }
            harness.set([])
            harness.clientEnds()
            harness.backendEnds()
            script.wait(1)
            harness.advance(to: 100_000 * .second)
            #expect(harness.isOver, "\(`protocol`) \(seed)")
            harness.expectNothingLeft("\(`protocol`) \(seed)")
        }
    }

    private static let words = [
        "PING\r\n", "*1\r\n$4\r\nPING\r\n", "+PONG\r\n", "get a\r\n", "END\r\n", "220 hi\r\n",
        "EHLO x\r\n", "250 ok\r\n", "DATA\r\n", "354 go\r\n", ".\r\n", "STARTTLS\r\n", "\r\n", "x",
        "GET / HTTP/1.0\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 101 S\r\nUpgrade: w\r\nConnection: upgrade\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "*1\r\n$7\r\nMONITOR\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "set a 0 0 1 noreply\r\nx\r\n",
    ]

    private func happens(_ script: inout RelayScript) {
        let harness = script.harness
        switch script.number(40) {
        case 0: harness.clientEnds()
        case 1: harness.backendEnds()
        case 2: harness.clientResets()
        case 3: harness.backendResets()
        case 4: harness.refuse()
        case 5: harness.session.drain()
        case 6: harness.session.close()
        case 7: harness.client.peerIsGone()
        case 8: harness.backend.peerIsGone()
        case 9...14: harness.send(script.generator.element(of: Self.words))
        case 15...20: harness.reply(script.generator.element(of: Self.words))
        default: script.step(RelayScript.damage)
        }
        harness.settle()
    }
}
