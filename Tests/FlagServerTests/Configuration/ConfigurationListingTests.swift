import ChaosProxy
import Faults
import Foundation
import TestSupport
import Testing

@testable import ControlAPI
@testable import flagserver

/// What `GET /proxies` prints, given as a configuration.
@Suite struct ConfigurationListingTests {
    private static let local =
        #""local":{"name":"local","listen":"127.0.0.1:9001","upstream":"flags","enabled":true,"#
        + #""toxics":[],"protocol":"http"}"#

    private func listing(_ more: String) -> String { "{\(Self.local),\(more)}" }

    private func line(_ text: String) -> String? {
        refusal { try Settings(configured: text) }?.line
    }

    @Test func `flag servers listen where they did, and those that are not in it are off`() throws {
        let settings = try Settings(
            configured: listing(
                #""error":{"listen":"127.0.0.1:9003","upstream":"flags","enabled":false,"#
                    + #""max_concurrency":3,"over_limit":"queue","rate":0.5}"#))
        #expect(settings.ports[.local] == 9001)
        #expect(settings.ports[.delay] == nil)
        #expect(settings.ports[.error] == 9003)
        #expect(settings.ports[.chaos] == nil && settings.ports[.fault] == nil)
        #expect(settings.bind == .loopback)
        #expect(FlagServers.limits(of: .error, settings).maxConcurrency == 3)
        #expect(FlagServers.limits(of: .error, settings).overLimit == .queue)
        #expect(FlagServers.limits(of: .error, settings).rate == 0.5)
        #expect(settings.flagServers[.error]?.isEnabled == false)
    }

    @Test func `all interfaces and one address are kept`() throws {
        let text = listing("").replacing(",}", with: "}")
        #expect(
            try Settings(configured: text.replacing("127.0.0.1", with: "[::]")).bind == .all)
        let one = try Settings(configured: text.replacing("127.0.0.1", with: "127.0.0.2"))
        #expect(one.bind == (try Bind("127.0.0.2", option: "--bind")))
    }

    @Test func `CHAOS leads where it led, and other proxies are there as well`() throws {
        let settings = try Settings(
            configured: listing(
                #""chaos":{"listen":"127.0.0.1:9004","upstream":"127.0.0.1:9001","#
                    + #""protocol":"http"},"#
                    + #""db":{"name":"db","listen":"127.0.0.1:9005","upstream":"db:5432","#
                    + #""behavior":"25:delay"}"#))
        #expect(settings.flagServers[.chaos]?.upstream == "127.0.0.1:9001")
        #expect(settings.proxies.map(\.name) == ["db"])
        #expect(settings.proxies[0].mix?.description == "25:delay")
    }

    @Test func `a listing without flag servers has none`() throws {
        let settings = try Settings(
            configured: #"{"db":{"listen":"127.0.0.1:9005","upstream":"db:5432"}}"#)
        #expect(settings.ports.areAllOff)
        #expect(settings.proxies.map(\.name) == ["db"])
    }

    @Test func `what is wrong in it has its place`() throws {
        #expect(
            line(listing(#""a":{"name":"b","listen":"1","upstream":"x:1"}"#))?.contains(
                "error: this is the proxy 'a'. Give it one name, or none here.") == true)
        #expect(
            line(listing(#""a":{"listen":"1","upstream":"x:1","enabld":true}"#))?.contains(
                "unknown key 'enabld' in proxy 'a'. Did you mean 'enabled'?") == true)
        #expect(
            line(listing(#""error":{"listen":"127.0.0.2:1","upstream":"flags"}"#))?.contains(
                "the flag servers listen on one address, and 'error' on another one.") == true)
        // One that lacks an upstream makes it a configuration, with keys like any other.
        #expect(line(listing(#""a":{"listen":"1"}"#))?.contains("unknown key 'local'.") == true)
    }

    @Test func `settings of behaviours are read`() throws {
        func mix(_ options: String) throws -> BehaviourMix? {
            try Settings(
                configured:
                    #"{"p":{"listen":"1","upstream":"x:1","behavior":"25:delay,5:transient","#
                    + #""behavior_options":\#(options)}}"#
            ).proxies.first?.mix
        }
        let options =
            #"{"delay":{"sleep":2.5,"before":false},"#
            + #""transient":{"warmup":3,"agitate":2,"inject":true}}"#
        let found = try #require(try mix(options)).options
        #expect(found[.delay]?.sleep == 2_500_000_000)
        #expect(found[.delay]?.before == false)
        #expect(found[.transient]?.warmup == 3)
        #expect(found[.transient]?.agitate == 2)
        #expect(found[.transient]?.inject == true)
        #expect(
            refusal { try mix(#"{"delay":{"slep":1}}"#) }?.reason
                == "unknown key 'slep' in behavior 'delay'. Did you mean 'sleep'?")
        #expect(
            refusal { try mix(#"{"delay":{"sleep":"x"}}"#) }?.reason
                == "sleep x is not a time. Write 0.5 (seconds), 500ms or 2m.")
        #expect(
            refusal { try mix(#"{"transient":{"warmup":-1}}"#) }?.reason
                == "expected a whole number from 0, found '-1'.")
    }

    // MARK: Toxics

    private func again(_ toxic: Toxic) throws -> Toxic? {
        let text = JSONWriter.text(ToxicCoding.json(toxic))
        let settings = try Settings(
            configured:
                #"{"p":{"listen":"1","upstream":"x:1","protocol":"http","toxics":[\#(text)]}}"#)
        return settings.proxies.first?.toxics.first
    }

    @Test(arguments: FaultType.examples)
    func `each fault is read as it was`(type: FaultType) throws {
        let example = type.example.split(separator: ":", maxSplits: 1)[1]
        let toxic = try ToxicOption(
            "p:\(example)", targets: [.init(name: "p", protocol: .http, toxics: [])]
        ).toxic
        #expect(try again(toxic) == toxic)
    }

    @Test(arguments: [
        "bandwidth rate=1kbit/s", "bandwidth rate=0.5B/s", "latency latency=1.5us jitter=999us",
        "timeout timeout=1us", "slicer average_size=10B delay=0.5us",
        "respond 503=1 retry_after=none",
        "respond status=503 toxicity=12.5% mode=exact", "respond statuses={418:3,503:1}",
        "limit_data bytes=0", "latency latency=1s exchanges=every4 per=match path=/a* request=2...",
        "latency latency=1s header=x-test:a* method=GET client=10.0.0.0/8",
        "packet_loss loss_rate=0.1 toxicity=0.333",
        "latency latency=1s jitter=10ms distribution=normal per_in_flight=1500us",
        "bandwidth rate=1kB/s shared", "noop header=!x-test",
        "respond 429=1 headers='X-A: true' headers=x-a:null headers=X-B:0 body=\"no: #\\n'\"",
        "respond 204=1 body=''", "respond 503=1 headers=X-A:",
    ])
    func `what integers cannot say is read as it was`(words: String) throws {
        let toxic = try ToxicOption(
            "p:\(words)", targets: [.init(name: "p", protocol: .http, toxics: [])]
        ).toxic
        #expect(try again(toxic) == toxic)
    }
}
