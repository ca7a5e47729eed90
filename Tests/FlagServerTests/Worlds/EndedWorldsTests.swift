import ChaosProxy
import Records
import Testing

@testable import flagserver

struct EndedWorldsTests {
    private func figures(_ world: Int, _ proxy: String, _ requests: UInt64)
        -> flagserver.Expectation.Figures
    {
        var counters = ProxyCounters()
        (counters.requests, counters.peakConnections) = (requests, Int(min(requests, 1)))
        return .init(world: "w\(world)", name: proxy, counters: counters)
    }

    private func measured(_ text: String, _ ended: EndedWorlds) throws -> String? {
        try flagserver.Expectation(text).failure(ended.figures)
    }

    @Test func `what worlds have counted stays when they have ended, a name used again adds up`()
        throws
    {
        var ended = EndedWorlds()
        ended.add([figures(1, "error", 2), figures(1, "local", 0)])
        ended.add([figures(1, "error", 3)])
        #expect(!ended.hasFolded)
        for text in [
            "w1/error.requests==5", "w1/local.requests==0", "requests==5", "w1/requests==5",
        ] {
            #expect(try measured(text, ended) == nil)
        }
    }

    @Test func `of very many worlds the sums stay right`() throws {
        var ended = EndedWorlds()
        for world in 0..<12_000 {
            ended.add([figures(world, "px", 1), figures(world, "local", 0)])
        }
        #expect(ended.hasFolded)
        #expect(try measured("px.requests==12000", ended) == nil)
        #expect(try measured("w1/px.requests==1", ended) == nil)
    }

    @Test func `how long exchanges took is kept for all worlds together`() throws {
        var (ended, counters) = (EndedWorlds(), ProxyCounters())
        (counters.requests, counters.peakConnections) = (1, 1)
        var record = ExchangeRecord(proxy: "px")
        record.duration = 3_000_000
        counters.recorded.add(record)
        for world in ["a", "b"] { ended.add([.init(world: world, name: "px", counters: counters)]) }
        #expect(try measured("px.requests==2", ended) == nil)
        var sum = ProxyCounters()
        for figure in ended.figures {
            let hasTimes = figure.counters.recorded.latencies.quantile(1) != nil
            #expect(hasTimes == (figure.world == nil))
            sum.add(figure.counters)
        }
        #expect(sum.recorded.count == 2)
        #expect(sum.recorded.latencies.quantile(0.5) == 3_000_000)
    }
}
