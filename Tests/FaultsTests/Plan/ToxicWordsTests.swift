import HTTPWire
import Testing

@testable import Faults

struct ToxicWordsTests {
    private func summary(_ toxics: [String]) throws -> String {
        Toxic.words(try toxics.map { try ToxicReading(words: $0).toxic() }, mix: nil)
    }

    @Test(arguments: [
        ("noop", "nothing"), ("latency latency=200ms", "0.2 s"),
        ("latency latency=200ms jitter=50ms", "0.15 s to 0.25 s"),
        ("latency latency=10ms jitter=50ms", "0 s to 60 ms"),
        ("bandwidth rate=64kB/s", "64 kB/s"), ("bandwidth rate=1Mbit/s", "125 kB/s"),
        ("bandwidth rate=2.5MB/s", "2.5 MB/s"), ("bandwidth rate=500B/s", "500 B/s"),
        ("bandwidth", "stall"),
        ("slicer average_size=64 delay=10ms", "slices of 64 B, 10 ms apart"),
        ("slicer average_size=64", "slices of 64 B"), ("slicer", "no slices"),
        ("limit_data bytes=4096", "cut after 4096 B"), ("slow_close delay=2s", "FIN 2 s late"),
        ("timeout", "silence"), ("timeout timeout=5s", "silence, cut after 5 s"),
        ("reset_peer", "RST"), ("reset_peer timeout=0.5s", "RST after 0.5 s"),
        ("packet_loss loss_rate=0.1", "10 % lost"), ("corrupt", "1000 random bytes instead"),
        ("corrupt inject=1 bytes=100", "100 random bytes in between"),
        ("respond 503=1 429=0", "503"), ("respond 418=1 503=1", "418 / 503"),
        ("timeout stream=upstream", "silence upstream"),
    ])
    func `every fault in a few words`(toxic: String, words: String) throws {
        #expect(try summary([toxic]) == "100 % → \(words)")
    }

    @Test func `several in their order, with share and conditions`() throws {
        #expect(
            try summary([
                "limit_data bytes=1 toxicity=12.5%",
                "respond 503 exchanges=1...2 path=/flags/br/* method=GET",
                "noop header=X-A:b* client=10.0.0.0/8 request=1 exchanges=every4 per=proxy",
            ])
                == "12.5 % → cut after 1 B, 100 % → 503 (1...2 per target, GET, /flags/br/*), "
                + "100 % → nothing (every 4 per proxy, x-a: b*, from 10.0.0.0/8, request 1)")
        #expect(try summary([]) == "no faults")
    }

    // MARK: What they have done

    private func words(_ fault: Fault, _ effect: Effect) -> String {
        let toxic = Toxic(fault, stream: .downstream)
        return FaultPlan.DrawnFault(toxic: toxic, draw: 0, effect: effect).words
    }

    @Test func `what was done to an exchange, in a few words`() {
        #expect(words(.respond(.standard), .respond(503, retryAfter: nil)) == "injected")
        #expect(
            words(.latency(Latency(latency: 1, jitter: 0)), .latency(500_049_999))
                == "delayed 0.5 s")
        #expect(words(.limitData(LimitData(bytes: 9)), .stage(seed: 1)) == "cut after 9 B")
    }

    @Test(
        arguments: [
            1000, 99_999_999, 500_000_000, 500_000_600, 1_999_999_999, 2_835_859_248, 4_425_915_652,
        ] as [Nanoseconds])
    func `nobody is told of more delay than there was`(delay: Nanoseconds) throws {
        let told = words(.latency(Latency(latency: delay, jitter: 0)), .latency(delay)).split(
            separator: " ")
        let value = try #require(Double(told[1]))
        #expect((told[2] == "ms" ? value / 1000 : value) <= Double(delay) / 1e9)
    }
}
