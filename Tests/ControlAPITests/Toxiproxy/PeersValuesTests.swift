import ChaosProxy
import EventLoop
import Testing

@testable import ControlAPI

/// What Toxiproxy takes and we refuse elsewhere, in its mode.
@Suite struct PeersValuesTests {
    /// - Returns: also what was said of upstreams.
    private func harness() throws -> (ControlHarness, said: () -> [String]) {
        let harness = try ControlHarness { $0.mode = .toxiproxy }
        var said: [String] = []
        harness.registry.onUselessUpstream = { said.append($0) }
        return (harness, { said })
    }

    @Test(arguments: ["one.com", "x", "h:", "h:99999", "h:0", "h:1:2", "[::1", "http://h/", " "])
    func `an upstream may be any text`(_ text: String) throws {
        let (harness, said) = try harness()
        let body = #"{"Name":"a","Listen":"localhost:0","Upstream":"\#(text)","Enabled":true}"#
        let answer = try harness.send("POST /proxies", body)
        #expect(answer.status == 201)
        #expect(answer.body.contains(#""upstream":"\#(text)""#))
        #expect(
            said() == [
                "a: connections will fail: invalid upstream: '\(text)' is not of the form "
                    + "host:port or [address]:port"
            ])
        #expect(try ControlHarness().send("POST /proxies", body).status == 400)
    }

    @Test func `an upstream may be changed to any text, also to none, and back`() throws {
        let (harness, said) = try harness()
        try harness.create("a")
        for text in ["x", "", "127.0.0.1:9"] {
            let answer = try harness.send("POST /proxies/a", #"{"upstream":"\#(text)"}"#)
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""upstream":"\#(text)""#))
        }
        #expect(said().count == 2)
        let body = #"[{"name":"a","listen":"localhost:0","upstream":"y"}]"#
        #expect(try harness.send("POST /populate", body).status == 201)
        #expect(said().count == 3)
        #expect(try harness.send("POST /proxies", #"{"name":"b","upstream":""}"#).status == 400)
    }

    @Test func `a circle and our own port are taken, and warned of`() throws {
        let (harness, said) = try harness()
        harness.registry.controlAddresses = ListenAddress(.loopbacks, port: 8474).addresses
        let body = #"{"name":"a","listen":"localhost:0","upstream":"localhost:8474"}"#
        #expect(try harness.send("POST /proxies", body).status == 201)
        let port = try harness.create("b")
        let own = #"{"upstream":"127.0.0.1:\#(port)"}"#
        #expect(try harness.send("POST /proxies/b", own).status == 200)
        #expect(
            said() == [
                "a: connections will fail: invalid upstream: backend 127.0.0.1:8474 is this "
                    + "server's own control port.",
                "b: connections will fail: invalid upstream: 127.0.0.1:\(port) leads back to the "
                    + "proxy itself: b -> b",
            ])
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        let found = try #require(harness.registry["b"])
        #expect(harness.registry.leadsBack(address, from: found.proxy))
    }

    @Test(arguments: ["80", "2", "-1", "1.5"])
    func `a toxicity may be any number, and is shown as it was given`(_ number: String) throws {
        let (harness, _) = try harness()
        try harness.create("p")
        let body = #"{"type":"noop","toxicity":\#(number)}"#
        for line in ["POST /proxies/p/toxics", "PATCH /proxies/p/toxics/noop_downstream"] {
            let answer = try harness.send(line, body)
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""toxicity":\#(number)}"#))
        }
        let other = try ControlHarness()
        try other.create("p")
        #expect(try other.send("POST /proxies/p/toxics", body).status == 400)
    }

    @Test(arguments: [
        ("latency", "latency"), ("latency", "jitter"), ("slow_close", "delay"),
        ("timeout", "timeout"), ("reset_peer", "timeout"), ("slicer", "delay"),
    ])
    func `negative times are none`(_ type: String, _ name: String) throws {
        let (harness, _) = try harness()
        try harness.create("p")
        let answer = try harness.send(
            "POST /proxies/p/toxics", #"{"type":"\#(type)","attributes":{"\#(name)":-5}}"#)
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""\#(name)":0"#))
    }

    @Test func `a slicer's variation may exceed its size`() throws {
        let (harness, _) = try harness()
        try harness.create("p")
        let answer = try harness.send(
            "POST /proxies/p/toxics",
            #"{"type":"slicer","attributes":{"average_size":10,"size_variation":20}}"#)
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""average_size":10,"size_variation":20"#))
    }
}
