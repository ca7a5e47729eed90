import ChaosProxy
import Faults
import Testing

@testable import flagserver

/// What a configuration file says of flag servers and of proxies more.
@Suite struct ConfigurationProxyTests {
    private func proxy(_ rest: String) throws -> ProxySpecification {
        let text = "proxies: [{name: db, upstream: \"db:5432\", \(rest)}]"
        return try #require(try Settings(configured: text).proxies.first)
    }

    /// Of a proxy that speaks http.
    private func toxics(_ text: String) throws -> [Toxic] {
        try proxy("listen: 9000, protocol: http, toxics: [\(text)]").toxics
    }

    @Test func `a proxy has what is told of it`() throws {
        let found = try proxy("listen: 9000, protocol: redis, enabled: no, max_concurrency: 3")
        #expect(found.listen == "localhost:9000")
        #expect(found.upstream == "db:5432")
        #expect(found.protocol == .redis)
        #expect(!found.isEnabled)
        #expect(found.limits.maxConcurrency == 3)
        #expect(try proxy("listen: 0").protocol == .tcp)
    }

    @Test func `a port alone listens where bind says`() throws {
        let text = "proxies: [{name: db, upstream: \"db:5432\", listen: 9000}]"
        #expect(
            try Settings(configured: text, ["--bind", "all"]).proxies.first?.listen == "[::]:9000")
        #expect(try proxy("listen: \"[::1]:9000\"").listen == "[::1]:9000")
        #expect(try proxy("listen: \":9000\"").listen == ":9000")
    }

    @Test func `proxies of the file stand behind those of the command line`() throws {
        let settings = try Settings(
            configured: "proxies: [{name: db, listen: 9000, upstream: \"db:1\"}]",
            ["--proxy", "9001=a:1", "--toxic", "db:noop", "--toxic", "proxy9001:timeout"])
        #expect(settings.proxies.map(\.name) == ["proxy9001", "db"])
        #expect(
            settings.proxies.map { $0.toxics.map(\.name) }
                == [["timeout_downstream"], ["noop_downstream"]])
    }

    @Test func `fields, texts and words are written as YAML has them`() throws {
        let found = try toxics(
            "{type: respond, status: 429, headers: {X-RateLimit-Remaining: 0, Set_Cookie: [a, b]}, "
                + "body: \"slow down\\n\", match: {header: {x-test: ~}}}, "
                + "{type: latency, latency: 20ms, jitter: 1ms, distribution: Normal, "
                + "per-in-flight: 10ms}, {type: bandwidth, rate: 1kB/s, shared: true}")
        guard case .respond(let respond)? = found.first?.fault else {
            Issue.record("no respond")
            return
        }
        #expect(
            respond.content?.headers.map { "\($0.name): \($0.value)" }
                == ["X-RateLimit-Remaining: 0", "Set_Cookie: a", "Set_Cookie: b"])
        #expect(respond.content?.body == "slow down\n")
        #expect(found.first?.match?.header == HeaderMatch(absent: "x-test"))
        #expect(found[1].words == "normal 20 ms ± 1 ms + 10 ms per exchange in flight")
        #expect(found[2].words == "1 kB/s shared")
    }

    @Test(arguments: [
        ("headers: {X-A: yes}", "expected text, found the Boolean yes. Quote it"),
        ("headers: {X-A: }", "expected text, found "),
        ("headers: 5", "headers '5' is no field. Write 'X-RateLimit-Remaining: 0'."),
        ("headers: {Date: now}", "Date is the server's to say, as it frames the answer."),
        ("body: [a]", "expected text, found a list."),
        ("distribution: normal", "unknown key 'distribution' in toxic 'respond'"),
    ])
    func `what is wrong with a field or a text has its place`(text: String, words: String) {
        let line = refusal { try toxics("{type: respond, \(text)}") }?.line
        #expect(line?.contains(words) == true, "\(line ?? "")")
    }

    @Test func `Toxiproxy's array is understood`() throws {
        let settings = try Settings(
            configured: """
                [{"name": "web dev", "listen": ":8080", "upstream": "localhost:http",
                  "enabled": false, "toxics": [
                    {"name": "slow", "type": "latency", "stream": "upstream", "toxicity": 0.5,
                     "attributes": {"latency": 1000, "jitter": 50}},
                    {"type": "bandwidth", "attributes": {"rate": 64}}]},
                 {"name": "redis", "upstream": ":6379", "toxics": null}]
                """)
        let web = try #require(settings.proxies.first)
        #expect(web.name == "web dev")
        #expect(!web.isEnabled)
        #expect(web.listen == ":8080")
        #expect(web.toxics.map(\.name) == ["slow", "bandwidth_downstream"])
        #expect(
            web.toxics[0].fault == .latency(Latency(latency: 1_000_000_000, jitter: 50_000_000)))
        #expect(web.toxics[0].stream == .upstream)
        #expect(web.toxics[0].toxicity.probability.fraction == 0.5)
        #expect(web.toxics[1].fault == .bandwidth(Bandwidth(rate: 64_000)))
        #expect(settings.proxies[1].listen == "")
        #expect(settings.proxies[1].toxics.isEmpty)
    }

    // MARK: Toxics

    @Test func `attributes have units, or Toxiproxy's own`() throws {
        let all = try toxics(
            """
            {type: latency, latency: 200ms, jitter: 1s},
            {type: slicer, average-size: 64B, size_variation: 32, delay: 50us},
            {type: slicer, attributes: {average_size: 64, size_variation: 32, delay: 50}},
            {type: packet_loss, loss_rate: 25%, correlation: 0.5},
            {type: packet_loss, attributes: {loss_rate: 0.25, correlation: 0.5}},
            {type: corrupt, bytes: 1kB, inject: true}, {type: noop}
            """)
        #expect(all[0].fault == .latency(Latency(latency: 200_000_000, jitter: 1_000_000_000)))
        #expect(all[1].fault == .slicer(Slicer(averageSize: 64, sizeVariation: 32, delay: 50_000)))
        #expect(all[1].fault == all[2].fault)
        #expect(all[3].fault == all[4].fault)
        #expect(all[5].fault == .corrupt(Corrupt(bytes: 1000, inject: true)))
        #expect(all[6].fault == .noop(Noop()))
    }

    @Test(arguments: [
        "statuses: {418: 1, 503: 1}", "statuses: [418, 503]", "statuses: \"418,503\"",
        "418: 1, 503: 1", "attributes: {418: 1, 503: 1}", "statuses: {418: 1}, 503: 1",
    ])
    func `statuses may be written in several ways`(text: String) throws {
        let fault = try #require(try toxics("{type: respond, \(text), retry_after: 2s}").first)
            .fault
        #expect(
            fault
                == .respond(
                    Respond(
                        statuses: [(418, 1), (503, 1)], retryAfter: 2_000_000_000)))
    }

    @Test func `toxics without a name get one that is free`() throws {
        let names = try toxics(
            "{type: noop}, {type: noop}, {type: noop, name: noop_downstream_3}, {type: noop}, "
                + "{type: noop, stream: upstream}, {type: respond}, {type: noop, name: \"\"}"
        ).map(\.name)
        #expect(
            names == [
                "noop_downstream", "noop_downstream_2", "noop_downstream_3", "noop_downstream_4",
                "noop_upstream", "respond_upstream", "noop_downstream_5",
            ])
    }

    @Test func `conditions are read`() throws {
        let toxic = try #require(
            try toxics(
                """
                {type: noop, toxicity: 25%, exchanges: every 4, per: proxy, match: {path: "/a*",
                  method: GET, header: {X-Test: "b*"}, client: 10.0.0.0/8, request: 1...2}}
                """
            ).first)
        #expect(toxic.toxicity == .random(try #require(Probability(0.25))))
        #expect(toxic.exchanges?.description == "every 4")
        #expect(toxic.exchanges?.counting == .proxy)
        let match = try #require(toxic.match)
        #expect(match.path == "/a*")
        #expect(match.method == "GET")
        #expect(match.header == HeaderMatch(name: "x-test", value: "b*"))
        #expect(match.client == "10.0.0.0/8")
        #expect(match.request?.description == "1...2")
        let written = try toxics(
            "{type: noop, match: {header: \"x-test: b*\"}}, {type: noop, match: {header: x-test}}, "
                + "{type: noop, match: {}}")
        #expect(written[0].match?.header == HeaderMatch(name: "x-test", value: "b*"))
        #expect(written[1].match?.header == HeaderMatch(name: "x-test"))
        #expect(written[2].match == nil)
    }

    // MARK: Flag servers

    private func server(
        _ server: FlagServer, _ rest: String, _ arguments: [String] = []
    ) throws -> Settings {
        try Settings(
            configured: "proxies: [{name: \(server.label), \(rest)}]", arguments)
    }

    @Test func `toxics replace those of a flag server, and options add to them`() throws {
        let settings = try server(
            .error, "toxics: [{type: timeout}]", ["--toxic", "error:noop"])
        #expect(
            FlagServers.toxics(of: .error, settings).map(\.name)
                == ["timeout_downstream", "noop_downstream"])
        #expect(FlagServers.toxics(of: .chaos, settings).count == 2)
        #expect(
            FlagServers.summary(of: .error, settings) == "100 % → silence, 100 % → nothing")
        #expect(settings.proxies.isEmpty)
        let none = try server(.error, "toxics: []")
        #expect(FlagServers.summary(of: .error, none) == "no faults")
        let delay = try server(.delay, "toxics: [{type: latency, latency: 1s, toxicity: 0.5}]")
        #expect(FlagServers.summary(of: .delay, delay) == "50 % → 1 s")
    }

    @Test func `a mix stands in place of a flag server's own toxics`() throws {
        let settings = try server(.delay, "behavior: \"25:error\"")
        #expect(FlagServers.toxics(of: .delay, settings).isEmpty)
        #expect(FlagServers.mix(of: .delay, settings)?.description == "25:error")
        #expect(FlagServers.summary(of: .delay, settings) == "25:error")
        let both = try server(.delay, "behavior: \"25:error\", toxics: [{type: noop}]")
        #expect(FlagServers.toxics(of: .delay, both).map(\.name) == ["noop_downstream"])
        let chaos = try server(.chaos, "behavior: dummy", ["--behavior", "50:delay"])
        #expect(FlagServers.mix(of: .chaos, chaos)?.description == "dummy")
    }

    @Test func `limits of a flag server stand before those of all`() throws {
        let settings = try server(
            .delay, "max-concurrency: 5, rate: none", ["--max-concurrency", "9", "--rate", "1"])
        let limits = FlagServers.limits(of: .delay, settings)
        #expect(limits.maxConcurrency == 5)
        #expect(limits.rate == nil)
        #expect(FlagServers.limits(of: .error, settings).maxConcurrency == 9)
        #expect(FlagServers.limits(of: .error, settings).rate == 1)
    }

    @Test func `the program draws what the file says`() throws {
        let folder = TemporaryDirectory()
        try folder.write("c.yaml", ConfigurationTests.example)
        let program = try Program(
            ["draw", "error", "--config", "c.yaml", "-n", "3", "--target", "/flags/br/br.gif"],
            in: folder.path)
        #expect(program.status == 0)
        #expect(program.lines.prefix(2).allSatisfy { $0.contains("\t503\t") })
        #expect(program.lines.count == 3)
        let wrong = try Program(["draw", "error", "--config", "d.yaml"], in: folder.path)
        #expect(wrong.status == 66)
        #expect(
            wrong.errors == "error: configuration file 'd.yaml' does not exist. "
                + "Did you mean 'c.yaml'?\n")
        try folder.write("d.yaml", "fixtures: NO")
        let malformed = try Program(["--config", "d.yaml"], in: folder.path)
        #expect(malformed.status == 78)
        #expect(
            malformed.errors
                == "d.yaml:1:11: error: expected text, found the Boolean NO. Quote it: \"NO\".\n")
    }
}
