import Faults
import Testing

@testable import flagserver

/// What `POST /worlds` understands.
struct WorldRequestTests {
    private func request(_ body: String, _ daemon: [String] = ["--seed=42"]) throws -> WorldRequest
    {
        try WorldRequest(Array(body.utf8), daemon: try settings(daemon))
    }

    @Test(arguments: ["", "{}", "null"])
    func `a world that is asked for nothing is like the daemon on free ports`(body: String) throws {
        let found = try request(
            body, ["--seed=42", "--delay=0.1", "--error-rate=10%", "--ports=error=off"])
        #expect(found.name == nil && found.ring == 1000 && found.ttl == 600_000_000_000)
        #expect(found.settings.seed == 42)
        #expect(found.settings.delay == 100_000_000...100_000_000)
        #expect(found.settings.errorRate.fraction == 0.1)
        let ports = FlagServer.allCases.map { found.settings.ports[$0] }
        #expect(ports == [0, 0, nil, 0, 0])
        #expect(found.settings.control.port == 0)
    }

    @Test func `its toxics, mixes and proxies are the daemon's alone`() throws {
        let found = try request(
            "", ["--proxy=9000=a:1", "--toxic=error:noop", "--behavior=10:error"])
        #expect(found.settings.proxies.isEmpty && found.settings.addedToxics.isEmpty)
        #expect(found.settings.behavior == nil)
    }

    @Test func `it has what it asks for, as a configuration file spells it`() throws {
        let found = try request(
            """
            {"name":"test_login","ttl":"2m","ring":50,"seed":7,"error-rate":0,"max_concurrency":3,
             "ports":{"chaos":"off"},
             "proxies":[{"name":"db","listen":"localhost:0","upstream":"a:1"},
                        {"name":"local","toxics":[{"type":"latency","latency":"1ms"}]}]}
            """)
        #expect(found.name == "test_login" && found.ttl == 120_000_000_000 && found.ring == 50)
        #expect(found.settings.seed == 7 && found.settings.errorRate.fraction == 0)
        #expect(found.settings.limits.maxConcurrency == 3)
        #expect(found.settings.ports[.chaos] == nil && found.settings.ports[.local] == 0)
        #expect(found.settings.proxies.map(\.name) == ["db"])
        #expect(FlagServers.toxics(of: .local, found.settings).count == 1)
    }

    @Test(arguments: [
        (#"{"sead":1}"#, "body:1:2: unknown key 'sead'. Did you mean 'seed'?"),
        (
            #"{"fixtures":"x"}"#,
            "body:1:2: 'fixtures' is the daemon's: a world cannot have one of its own."
        ),
        (
            #"{"control-port":1}"#,
            "body:1:2: unknown key 'control-port'."
        ),
        (#"{"ttl":"1ms"}"#, "body:1:8: ttl '1ms' is no time from 1s to 24h. Write 10m or 600."),
        (#"{"ring":0}"#, "body:1:9: ring '0' is no number of records from 1 to 1000000."),
        (#"{"name":""}"#, "body:1:9: a world's name is visible text of 1 to 200 bytes."),
        (
            #"{"error-rate":25}"#,
            "body:1:15: error-rate 25 is not a probability. Write 0.25 or 25%."
        ),
        (
            #"{"ports":"local=8001"}"#,
            "body:1:10: ports: a world has free ports. Write 0 or off, not 8001."
        ),
        ("[1]", "body:1:1: expected keys like \"seed\": 42, found a list."),
        (#"{"seed":1,"seed":2}"#, "body:1:11: 'seed' is given twice."),
    ])
    func `a wrong body is told with its place`(body: String, reason: String) {
        let found = refusal { try request(body) }?.description ?? ""
        #expect(found.hasPrefix(reason), "\(found)")
    }
}
