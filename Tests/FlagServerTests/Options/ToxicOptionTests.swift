import Faults
import TestSupport
import Testing

@testable import flagserver

struct ToxicOptionTests {
    /// Three proxies: one on http with a toxic, one on redis, one on tcp.
    private func option(_ text: String) throws -> ToxicOption {
        let latency = Toxic(.latency(Latency(latency: 1, jitter: 0)), stream: .downstream)
        return try ToxicOption(
            text,
            targets: [
                ToxicOption.Target(name: "error", protocol: .http, toxics: [latency]),
                ToxicOption.Target(name: "cache", protocol: .redis, toxics: []),
                ToxicOption.Target(name: "proxy9000", protocol: .tcp, toxics: []),
            ])
    }

    private func toxic(_ text: String) throws -> Toxic { try option(text).toxic }

    // MARK: What it takes

    @Test func `proxy, type, attributes and nothing else`() throws {
        let option = try option("proxy9000:latency latency=200ms jitter=50ms")
        #expect(option.proxy == "proxy9000")
        #expect(
            option.toxic
                == Toxic(
                    .latency(Latency(latency: 200_000_000, jitter: 50_000_000)), stream: .downstream
                ))
    }

    static let faults: [(String, Fault)] = [
        ("noop", .noop(Noop())),
        ("latency", .latency(Latency(latency: 0, jitter: 0))),
        (
            "latency latency=1.5s jitter=250us",
            .latency(Latency(latency: 1_500_000_000, jitter: 250_000))
        ),
        ("bandwidth rate=64kB/s", .bandwidth(Bandwidth(rate: 64_000))),
        ("bandwidth rate=0", .bandwidth(Bandwidth(rate: 0))),
        ("bandwidth", .bandwidth(Bandwidth(rate: 0))),
        (
            "slicer average_size=64 size_variation=32B delay=10us",
            .slicer(Slicer(averageSize: 64, sizeVariation: 32, delay: 10_000))
        ),
        ("limit_data bytes=4096B", .limitData(LimitData(bytes: 4096))),
        ("limit_data bytes=1MiB", .limitData(LimitData(bytes: 1_048_576))),
        ("slow_close delay=2s", .slowClose(SlowClose(delay: 2_000_000_000))),
        ("timeout timeout=1m", .timeout(Timeout(timeout: 60_000_000_000))),
        ("reset_peer timeout=0", .resetPeer(ResetPeer(timeout: 0))),
        ("corrupt", .corrupt(Corrupt(bytes: 1000, inject: false))),
        ("corrupt inject=yes bytes=1kB", .corrupt(Corrupt(bytes: 1000, inject: true))),
        ("Limit_Data BYTES=1", .limitData(LimitData(bytes: 1))),
    ]

    @Test(arguments: faults)
    func `every fault is spelled as in the API`(text: String, fault: Fault) throws {
        let toxic = try toxic("proxy9000:\(text)")
        #expect(toxic == Toxic(fault, stream: .downstream))
    }

    @Test func `shares are fractions or percent`() throws {
        let half = try #require(Probability(0.5))
        let tenth = try #require(Probability(0.1))
        let toxic = try toxic("proxy9000:packet_loss loss_rate=10% correlation=0.5 toxicity=50%")
        #expect(toxic.fault == .packetLoss(PacketLoss(lossRate: tenth, correlation: half)))
        #expect(toxic.toxicity == .random(half))
    }

    @Test func `respond has weights for statuses and belongs to the upstream`() throws {
        for proxy in ["error", "cache"] {
            let toxic = try toxic("\(proxy):respond 418=3 503=1 retry_after=2s")
            let fault = Fault.respond(
                Respond(
                    statuses: [(418, 3), (503, 1)], retryAfter: 2_000_000_000))
            #expect(toxic == Toxic(fault, stream: .upstream))
        }
        let standard = Fault.respond(
            Respond(statuses: [(418, 1), (503, 1)], retryAfter: 1_000_000_000))
        #expect(try toxic("error:respond").fault == standard)
        let alone = Fault.respond(Respond(statuses: [(503, 1)], retryAfter: nil))
        #expect(try toxic("error:respond 503 retry_after=none").fault == alone)
    }

    @Test func `name, stream and conditions`() throws {
        let toxic = try toxic(
            "error:latency latency=1s name=slow stream=Upstream exchanges=1...2 per=proxy "
                + "path=/flags/br/* method=GET header=X-Test:a* client=10.0.0.0/8 request=3...")
        #expect(toxic.name == "slow")
        #expect(toxic.stream == .upstream)
        #expect(toxic.exchanges == ExchangeRange(first: 1, last: 2, counting: .proxy))
        var match = Match()
        match.path = "/flags/br/*"
        match.method = "GET"
        match.header = HeaderMatch(name: "x-test", value: "a*")
        match.client = "10.0.0.0/8"
        match.request = ExchangeRange(first: 3, last: nil, counting: .target)
        #expect(toxic.match == match)
    }

    @Test(arguments: ["127.0.0.1", "::1", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/128"])
    func `a client is an address or a network`(text: String) throws {
        #expect(try toxic("error:noop client=\(text)").match?.client == text)
    }

    @Test func `conditions may be left out, one by one`() throws {
        let toxic = try toxic("cache:noop exchanges=every4 request=1")
        #expect(toxic.match?.request?.description == "1")
        #expect(toxic.exchanges?.description == "every 4")
        #expect(toxic.exchanges?.counting == .target)
        #expect(try self.toxic("error:noop header=X-A").match?.header == HeaderMatch(name: "x-a"))
        #expect(try self.toxic("error:noop").match == nil)
    }

    @Test func `an answer's fields are said one by one, quoted as in a shell`() throws {
        let toxic = try toxic(
            "error:respond 429=1 headers='X-RateLimit-Remaining: 0' headers=X-B:1 "
                + "body=\"slow down\\n\" header=!x-test")
        guard case .respond(let respond) = toxic.fault else {
            Issue.record("no respond")
            return
        }
        #expect(
            respond.content?.headers.map { "\($0.name): \($0.value)" }
                == ["X-RateLimit-Remaining: 0", "X-B: 1"])
        #expect(respond.content?.body == "slow down\n")
        #expect(toxic.match?.header == HeaderMatch(absent: "x-test"))
    }

    @Test(arguments: FaultType.examples)
    func `every example can be pasted`(type: FaultType) throws {
        let settings = try settings(["--toxic", type.example])
        #expect(settings.addedToxics[.local]?.map(\.fault.type) == [type])
    }

    // MARK: What it refuses

    static let refusals: [(String, String)] = [
        (
            "latency latency=1s",
            "--toxic 'latency latency=1s' does not say which proxy and type. Write "
                + "'error:latency latency=200ms'."
        ),
        (
            "", "--toxic '' does not say which proxy and type. Write 'error:latency latency=200ms'."
        ),
        (
            "eror:noop",
            "--toxic 'eror:noop': there is no proxy 'eror' (error, cache, proxy9000). "
                + "Did you mean 'error'?"
        ),
        ("delay:noop", "--toxic 'delay:noop': proxy 'delay' is off (see --ports)."),
        (
            "error:latancy latency=1s",
            "unknown toxic 'latancy'. Did you mean 'latency'? 'flagserver toxics' lists all."
        ),
        ("error:", "unknown toxic ''. 'flagserver toxics' lists all."),
        (
            "error:latency name=a latncy=1s",
            "--toxic 'error:latency name=a latncy=1s': latency has no 'latncy'. "
                + "Did you mean 'latency'?"
        ),
        (
            "error:noop toxicty=1",
            "--toxic 'error:noop toxicty=1': noop has no 'toxicty'. Did you mean "
                + "'toxicity'?"
        ),
        ("error:latency fast", "--toxic 'error:latency fast': 'fast' is no key=value."),
        (
            "error:latency latency=1s LATENCY=2s",
            "--toxic 'error:latency latency=1s LATENCY=2s': 'latency' is given twice."
        ),
        ("error:noop name=a name=b", "--toxic 'error:noop name=a name=b': 'name' is given twice."),
        (
            "error:latency latency=1s",
            "--toxic 'error:latency latency=1s': proxy 'error' already has a toxic "
                + "'latency_downstream'. Give this one a name: name=latency_downstream_2."
        ),
        (
            "proxy9000:respond 503=1",
            "--toxic 'proxy9000:respond 503=1': protocol tcp has no errors to respond with; "
                + "these have: http, redis, memcache, mysql, smtp, postgres, charfinder."
        ),
        (
            "error:respond stream=downstream",
            "--toxic 'error:respond stream=downstream': respond answers in place of the "
                + "upstream: its stream is upstream."
        ),
        (
            "error:noop stream=both",
            "--toxic 'error:noop stream=both': stream 'both': write upstream or downstream."
        ),
        (
            "cache:noop method=GET",
            "--toxic 'cache:noop method=GET': path, method and header need protocol http; "
                + "here client and request can be matched."
        ),
        ("error:noop name=", "--toxic 'error:noop name=': name is empty."),
        (
            "error:noop per=proxy",
            "--toxic 'error:noop per=proxy': per says how exchanges are counted, which are "
                + "missing."
        ),
        (
            "error:noop exchanges=1 per=all",
            "--toxic 'error:noop exchanges=1 per=all': per 'all': write target, proxy, match, "
                + "client or header."
        ),
        (
            "error:noop header=:x",
            "--toxic 'error:noop header=:x': header '' is no name of a field. Write "
                + "x-test, x-test:a* for some of its values, or !x-test for what must be missing."
        ),
        (
            "error:noop toxicity=50",
            "--toxic 'error:noop toxicity=50': toxicity: '50' is not a probability. "
                + "Write 0.25 or 25%."
        ),
    ]

    @Test(arguments: refusals)
    func `what is wrong is said with what to write instead`(text: String, message: String) {
        let error = refusal { try option(text) }
        #expect(error?.status == .usage)
        #expect(error?.description == message)
    }

    @Test(arguments: [
        "corrupt bytes=2MiB", "respond 503=0",
        "respond 503=1000001", "respond 600=1", "respond 199=1", "latency latency=100000000h",
        "noop exchanges=0", "noop exchanges=2...1", "noop request=x", "packet_loss loss_rate=2",
    ])
    func `the schema's ranges hold here too`(text: String) throws {
        let error = try #require(refusal { try option("error:\(text) name=x") })
        #expect(error.status == .usage)
        #expect(error.description.hasPrefix("--toxic 'error:\(text) name=x': "))
    }

    @Test(arguments: [
        "localhost", "10.0.0.0/33", "10.0.0.0/08", "::ffff:10.0.0.0/8", "::/129", "10.0.0.0/",
        "10.0.0.0/-1", "10.0.0.0/8/8", "/8", "",
        "10.0.0", "*",
    ])
    func `a client that is no address is refused`(text: String) {
        let error = refusal { try option("error:noop client=\(text)") }
        #expect(
            error?.description
                == "--toxic 'error:noop client=\(text)': client '\(text)' is no address and "
                + "no network. Write 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32.")
    }

    /// Words that nearly mean something, in any order: an error or a toxic, never the end.
    @Test func `no text is too strange to be answered`() {
        let pieces = [
            "error", "proxy9000", ":", " ", "=", "latency", "respond", "corrupt", "slicer", "503",
            "bytes", "rate", "average_size", "size_variation", "timeout", "1", "0", "-", ".", "...",
            "every", "99999999999999999999", "ms", "kB/s", "%", "exchanges", "request", "client",
            "10.0.0.0/8", "toxicity", "name", "stream", "upstream", "\u{0}", "é", "none", "per",
        ]
        var generator = SeededGenerator(seed: 1)
        var accepted = 0
        for _ in 0..<4_000 {
            let count = generator.next(below: 12)
            let text = (0..<count).map { _ in
                pieces[Int(generator.next(below: UInt64(pieces.count)))]
            }.joined()
            do {
                _ = try option("proxy9000:noop " + text)
                accepted += 1
            } catch let error as CommandLineError {
                #expect(error.status == .usage)
            } catch {
                Issue.record(error)
            }
            _ = try? option("error:" + text)
            _ = try? option(text)
        }
        #expect(accepted > 0)
    }
}
