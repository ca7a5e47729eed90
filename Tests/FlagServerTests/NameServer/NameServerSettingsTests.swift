import Faults
import Names
import Testing

@testable import flagserver

struct NameServerSettingsTests {
    private func settings(_ arguments: String...) throws -> Settings {
        try Settings(try ServeOptions.parse(arguments))
    }

    @Test func `it is off unless asked for, and on a port of its own`() throws {
        #expect(try settings().names == nil)
        #expect(try settings("--dns=off").names == nil)
        #expect(try settings("--dns=on").names?.port == 8053)
        #expect(try settings("--dns=on", "--ports=0").names?.port == 0)
        #expect(try settings("--dns=5353", "--ports=0").names?.port == 5353)
        #expect(refusal { try settings("--dns=x") }.contains("is no port (0 to 65535)"))
        #expect(
            refusal { try settings("--dns=8001") }.contains("8001")
                || refusal { try settings("--dns=8001") } == "")
        #expect(refusal { try settings("--dns=8474") }.contains("cannot share port 8474"))
        #expect(try settings("--ports=off", "--control=off", "--dns=0").names != nil)
    }

    @Test func `its toxics come from the command line and the file`() throws {
        let settings = try Settings(
            configured: """
                dns: 0
                toxic: ["dns:latency latency=1s"]
                proxies:
                  - { name: dns, toxics: [ { type: servfail, toxicity: 0.5 } ], max-concurrency: 3 }
                """)
        #expect(
            settings.names?.toxics.map(\.name) == ["servfail_upstream", "latency_downstream"])
        #expect(settings.names?.limits.maxConcurrency == 3)
        #expect(settings.proxies.isEmpty)
        #expect(
            refusal { try self.settings("--toxic=dns:nxdomain") }.contains(
                "proxy 'dns' is off (see --dns)"))
    }

    @Test(arguments: FaultType.core.filter(\.needsNames))
    func `every example can be pasted`(type: FaultType) throws {
        let settings = try settings("--dns=0", "--toxic", type.example)
        #expect(settings.names?.toxics.map(\.fault.type) == [type])
    }

    @Test func `a proxy that leads elsewhere may still be called so`() throws {
        let settings = try Settings(
            configured: "proxies: [ { name: dns, listen: 9053, upstream: \"127.0.0.1:53\" } ]")
        #expect(settings.names == nil && settings.proxies.map(\.name) == ["dns"])
    }

    @Test func `where it listens is not for its proxy to say`() {
        let reason = refusal {
            try Settings(configured: "dns: on\nproxies: [ { name: dns, listen: 53 } ]")
        }
        #expect(reason.hasPrefix("'listen' cannot be said of the name server."))
    }

    @Test func `what GET /proxies says of it is read`() throws {
        let toxics = #"[{"type":"nxdomain","stream":"upstream","toxicity":0.5}]"#
        let names =
            #"{"name":"dns","listen":"127.0.0.1:5353","upstream":"names","protocol":"dns","#
            + "\"toxics\":\(toxics)}"
        let settings = try Settings(configured: "{\"dns\":\(names)}")
        #expect(settings.names?.port == 5353 && settings.ports.areAllOff)
        #expect(settings.names?.toxics.map(\.name) == ["nxdomain_upstream"])
    }

    @Test func `no other proxy can have its protocol`() {
        let reason = refusal { try settings("--proxy=9000=localhost:1", "--protocol=dns") }
        #expect(reason.contains("unknown protocol 'dns'"))
    }

    private func refusal(_ body: () throws -> Settings) -> String {
        do {
            _ = try body()
            return ""
        } catch let error as CommandLineError {
            return error.reason
        } catch {
            return "\(error)"
        }
    }
}
