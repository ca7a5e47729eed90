import Faults
import Testing

@testable import ControlAPI

@Suite struct PopulateRouteTests {
    @Test(arguments: ["[]", "null"])
    func `nothing to add is no error`(_ body: String) throws {
        let answer = try ControlHarness().send("POST /populate", body)
        #expect((answer.status, answer.body) == (201, #"{"proxies":null}"#))
    }

    @Test func `proxies are added together`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send(
            "POST /populate",
            #"[{"name":"a","listen":"127.0.0.1:0","upstream":"h:1","toxics":[{"type":"noop"}]},"#
                + #"{"name":"b","listen":"garbage","upstream":"h:1","enabled":false}]"#)
        #expect(answer.status == 201)
        #expect(answer.body.hasPrefix(#"{"proxies":[{"name":"a","#))
        #expect(harness.registry.proxies.map(\.name) == ["a", "b"])
        #expect(harness.registry["a"]?.proxy.toxics.count == 1)
    }

    @Test(arguments: [
        (#"[{"name":"a","upstream":"h:1"},{"name":"b"}]"#, "upstream at proxy 2"),
        (#"[{"upstream":"h:1"}]"#, "name at proxy 1"),
    ])
    func `all are checked before one is made`(_ body: String, _ words: String) throws {
        let harness = try ControlHarness()
        let answer = try harness.send("POST /populate", body)
        #expect(
            answer.body
                == #"{"error":"missing required field: \#(words)","status":400,"proxies":null}"#)
        #expect(answer["Content-Type"] == "application/json")
        #expect(harness.registry.proxies.isEmpty)
    }

    @Test(arguments: [
        "{}", "5", "", "[5]", #"[{"name":"a","upstream":"h:1"},{"name":"b","upstream":"x"}]"#,
        #"[{"name":"a","upstream":"h:1"},{"name":"b","upstream":"h:1","toxics":[{}]}]"#,
        #"[{"name":"a","upstream":"h:1","toxics":[{"type":"respond"}]}]"#,
    ])
    func `a bad body makes nothing`(_ body: String) throws {
        let harness = try ControlHarness()
        let answer = try harness.send("POST /populate", body)
        #expect(answer.status == 400)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer.body.hasPrefix("{\"error\":") && answer.body.hasSuffix("\"proxies\":null}"))
        #expect(harness.registry.proxies.isEmpty)
    }

    @Test func `the first failure ends it, with those that are done`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("taken")
        let answer = try harness.send(
            "POST /populate",
            #"[{"name":"a","listen":"127.0.0.1:0","upstream":"h:1"},"#
                + #"{"name":"b","listen":"127.0.0.1:\#(port)","upstream":"h:1"},"#
                + #"{"name":"c","listen":"127.0.0.1:0","upstream":"h:1"}]"#)
        #expect(answer.status == 500)
        #expect(answer.body.contains(#""status":500,"proxies":[{"name":"a","#))
        #expect(harness.registry.proxies.map(\.name) == ["taken", "a"])
    }

    @Test func `one that is the same is left alone, but gets the toxics that are given`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a", #","toxics":[{"type":"latency"}]"#)
        #expect(try harness.send("PATCH /proxies/a", #"{"enabled":false}"#).status == 200)
        let before = try harness.state
        let same = #""name":"a","listen":"localhost:\#(port)","upstream":"127.0.0.1:9""#
        for rest in ["", #","toxics":[]"#, #","toxics":null,"enabled":true"#] {
            let answer = try harness.send("POST /populate", "[{\(same)\(rest)}]")
            #expect(answer.status == 201)
            #expect(try harness.state == before)
        }
        let toxics = #","toxics":[{"type":"noop"},{"type":"timeout"}]"#
        #expect(try harness.send("POST /populate", "[{\(same)\(toxics)}]").status == 201)
        #expect(
            harness.registry["a"]?.proxy.toxics.map(\.fault.type.rawValue) == ["noop", "timeout"])
    }

    @Test func `one that differs is replaced and loses its toxics`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a", #","toxics":[{"type":"latency"}]"#)
        let answer = try harness.send(
            "POST /populate",
            #"[{"name":"a","listen":"127.0.0.1:\#(port)","upstream":"127.0.0.1:10"}]"#)
        #expect(answer.status == 201)
        #expect(harness.registry["a"]?.proxy.toxics == [])
        #expect(harness.registry["a"]?.upstreamText == "127.0.0.1:10")
        #expect(harness.registry["a"]?.isEnabled == true)
    }

    @Test func `one name twice: the second replaces the first and both are shown`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send(
            "POST /populate",
            #"[{"name":"a","listen":"127.0.0.1:0","upstream":"h:1"},"#
                + #"{"name":"a","listen":"127.0.0.1:0","upstream":"h:2"}]"#)
        #expect(answer.status == 201)
        #expect(answer.body.ranges(of: "\"name\":\"a\"").count == 2)
        #expect(harness.registry.proxies.map(\.upstreamText) == ["h:2"])
    }

    @Test func `a failed replacement leaves the old one disabled`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("taken")
        try harness.create("a")
        let answer = try harness.send(
            "POST /populate", #"[{"name":"a","listen":"127.0.0.1:\#(port)","upstream":"h:1"}]"#)
        #expect(answer.status == 500)
        #expect(harness.registry["a"]?.isEnabled == false)
    }

    @Test func `a server of the program is changed, never replaced`() throws {
        let harness = try ControlHarness()
        let site = try harness.addSite("local", [Toxic(.noop(Noop()), stream: .upstream)])
        let listen = site.listenText
        let same = #"[{"name":"local","listen":"\#(listen)","upstream":"flags"}]"#
        #expect(try harness.send("POST /populate", same).status == 201)
        #expect(site.proxy.toxics.count == 1)
        let other = #"[{"name":"local","listen":"127.0.0.1:0","upstream":"flags"}]"#
        #expect(try harness.send("POST /populate", other).status == 201)
        #expect(harness.registry["local"] === site)
        let elsewhere = #"[{"name":"local","listen":"127.0.0.1:0","upstream":"h:1"}]"#
        #expect(try harness.send("POST /populate", elsewhere).status == 400)
    }

    @Test func `what is shown of all proxies can be written back and changes nothing`() throws {
        let harness = try ControlHarness()
        try harness.create(
            "a", #","protocol":"http","max_concurrency":3,"rate":1.6666666666666667"#)
        try harness.create("b", #","max_connections":7"#)
        var options = Behaviour.Options()
        options.sleep = 2_000_000_000
        let mix = try BehaviourMix("50:delay", options: [.delay: options], errors: nil)
        harness.registry["a"]?.proxy.set(mix: mix)
        let odd = #"{"type":"latency","toxicity":0.1234567890123,"exact":{"latency":"1500.5us"}}"#
        #expect(try harness.send("POST /proxies/a/toxics", odd).status == 200)
        let shown = try harness.send("GET /proxies").body
        let toxics = harness.registry["a"]?.proxy.toxics
        guard case .object(let members) = try JSONValue(text: shown) else {
            Issue.record("\(shown)")
            return
        }
        let written = JSONWriter.text(.array(members.map(\.value)))
        #expect(try harness.send("POST /populate", written).status == 201)
        #expect(try harness.send("GET /proxies").body == shown)
        #expect(harness.registry["a"]?.proxy.mix == mix)
        #expect(harness.registry["a"]?.proxy.toxics == toxics)
    }

    @Test func `a server of the program needs its name and upstream only`() throws {
        let harness = try ControlHarness()
        let listen = try harness.addSite("error").listenText
        let body = #"[{"name":"error","upstream":"flags","toxics":[{"type":"respond"}]}]"#
        #expect(try harness.send("POST /populate", body).status == 201)
        #expect(harness.registry["error"]?.listenText == listen)
        #expect(harness.registry["error"]?.proxy.toxics.count == 1)
    }

    @Test func `toxics of a configuration file come back with a reset`() throws {
        let harness = try ControlHarness()
        let file = #"""
            [{"name":"a","listen":"127.0.0.1:0","upstream":"h:1","toxics":[{"type":"noop"}]}]
            """#
        #expect(try harness.control.populate(Array(file.utf8)) == 1)
        #expect(try harness.send("DELETE /proxies/a/toxics/noop_downstream").status == 204)
        #expect(try harness.send("POST /reset").status == 204)
        #expect(harness.registry["a"]?.proxy.toxics.count == 1)
        try harness.registry.delete("a")
        try harness.registry.reset()
        #expect(harness.registry["a"] == nil)
        for bad in ["", "{}", #"[{"name":"b"}]"#] {
            #expect(throws: (any Error).self) { try harness.control.populate(Array(bad.utf8)) }
        }
    }
}
