import ChaosProxy
import Testing

@testable import ControlAPI

/// Limits of a proxy over the interface.
@Suite struct LimitsCodingTests {
    private static let all =
        #""max_concurrency":5,"max_concurrency_per_client":3,"over_limit":"queue","rate":2.5,"#
        + #""max_connections":10"#

    @Test func `limits are shown where they are set, and only there`() throws {
        let harness = try ControlHarness()
        try harness.create("plain")
        try harness.create("a", #","protocol":"http",\#(Self.all)"#)
        let body = try harness.send("GET /proxies/a").body
        #expect(body.hasSuffix(#""toxics":[],"protocol":"http",\#(Self.all)}"#))
        for name in ["max_concurrency", "over_limit", "rate", "max_connections"] {
            #expect(!(try harness.send("GET /proxies/plain").body.contains(name)))
        }
        var limits = RequestLimits()
        (limits.maxConcurrency, limits.overLimit) = (5, .queue)
        (limits.rate, limits.maxConnections) = (2.5, 10)
        limits.maxConcurrencyPerClient = 3
        #expect(harness.registry["a"]?.proxy.requestLimits == limits)
    }

    @Test(arguments: ["PATCH", "POST"])
    func `one limit changes and the others stay`(_ method: String) throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http",\#(Self.all)"#)
        let answer = try harness.send("\(method) /proxies/a", #"{"max_concurrency":6}"#)
        #expect(answer.status == 200 && answer.body.contains(#""max_concurrency":6,"#))
        #expect(answer.body.contains(#""over_limit":"queue","rate":2.5,"max_connections":10}"#))
    }

    @Test(arguments: ["null", "0"])
    func `null and 0 take a limit away`(_ nothing: String) throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http",\#(Self.all)"#)
        for name in [
            "rate", "over_limit", "max_concurrency_per_client", "max_concurrency",
            "max_connections",
        ] {
            let answer = try harness.send("PATCH /proxies/a", "{\"\(name)\":\(nothing)}")
            #expect(answer.status == 200 && !answer.body.contains(name))
        }
        #expect(harness.registry["a"]?.proxy.requestLimits == RequestLimits())
    }

    @Test(arguments: [
        ("503", "\"503\""), ("\"503\"", "\"503\""), ("429", "\"429\""), ("\"429\"", "\"429\""),
        ("\"queue\"", "\"queue\""), ("\"close\"", "\"close\""),
    ])
    func `what is over a limit has four fates`(_ given: String, _ shown: String) throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http","over_limit":\#(given)"#)
        #expect(try harness.send("GET /proxies/a").body.contains("\"over_limit\":\(shown)"))
    }

    @Test(arguments: [
        (#"{"max_concurrency":-1}"#, "invalid max_concurrency: -1 is no number from 1"),
        (#"{"max_concurrency":1.5}"#, "number 1.5"), (#"{"max_concurrency":"5"}"#, "string"),
        (#"{"max_connections":-7}"#, "invalid max_connections: -7"),
        (#"{"max_connections":true}"#, "bool"),
        (#"{"rate":-0.5}"#, "invalid rate: -0.5 is not more than 0"), (#"{"rate":"5"}"#, "string"),
        (#"{"rate":1e999}"#, "number 1e999"),
        (#"{"over_limit":"que"}"#, "invalid over_limit: 'que' is none of 503, 429, queue, close."),
        (#"{"over_limit":"queu"}"#, "Did you mean 'queue'?"),
        (#"{"over_limit":500}"#, "invalid over_limit: '500' is none of"),
        (#"{"over_limit":[503]}"#, "array"),
    ])
    func `a wrong value changes nothing`(_ body: String, _ words: String) throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http",\#(Self.all)"#)
        let before = try harness.state
        for line in ["PATCH /proxies/a", "POST /proxies/a"] {
            let answer = try harness.send(line, body)
            #expect(answer.status == 400 && answer.body.contains(words), "\(answer.body)")
        }
        let rest = #""name":"b","upstream":"127.0.0.1:9","listen":"127.0.0.1:0","protocol":"http","#
        let other = "{" + rest + body.dropFirst()
        #expect(try harness.send("POST /proxies", other).status == 400)
        #expect(try harness.send("POST /populate", "[\(other)]").status == 400)
        #expect(try harness.state == before)
    }

    @Test func `a proxy whose exchanges are connections has no limit of requests`() throws {
        let harness = try ControlHarness()
        try harness.create("a")
        let answer = try harness.send("PATCH /proxies/a", #"{"max_concurrency":5}"#)
        #expect(answer.status == 400 && answer.body.contains("max_connections is the limit"))
        #expect(try harness.send("PATCH /proxies/a", #"{"max_connections":5}"#).status == 200)
    }

    @Test func `populate sets limits, and reset puts them back`() throws {
        let harness = try ControlHarness()
        let site = try harness.addSite("local").proxy
        let body =
            #"[{"name":"local","upstream":"flags","max_concurrency":3,"over_limit":"close"}]"#
        #expect(try harness.send("POST /populate", body).status == 201)
        #expect(site.requestLimits.maxConcurrency == 3 && site.requestLimits.overLimit == .close)
        #expect(try harness.send("POST /reset").status == 204)
        #expect(site.requestLimits == RequestLimits())
    }

    @Test func `a client that sends back what it got changes nothing`() throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http",\#(Self.all)"#)
        let shown = try harness.send("GET /proxies/a").body
        #expect(try harness.send("POST /proxies/a", shown).body == shown)
    }
}
