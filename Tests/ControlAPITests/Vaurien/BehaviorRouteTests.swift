import ChaosProxy
import Faults
import Testing

@testable import ControlAPI

@Suite struct BehaviorRouteTests {
    private func harness() throws -> ControlHarness {
        let harness = try ControlHarness()
        try harness.create("chaos", #","protocol":"http""#)
        return harness
    }

    private func put(_ harness: ControlHarness, _ body: String) throws -> ControlHarness.Answer {
        try harness.send("PUT /behavior", body)
    }

    @Test func `the behaviours are listed in their order`() throws {
        let answer = try ControlHarness().send("GET /behaviors")
        #expect(answer.status == 200)
        #expect(
            answer.body == #"{"behaviors": ["abort","blackout","delay","dummy","error","hang","#
                + #""transient"]}"#)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        #expect(answer["X-Toxiproxy-Request-Id"] == nil)
    }

    @Test func `a behaviour is set and asked for`() throws {
        let harness = try harness()
        #expect(try harness.send("GET /behavior").body == #"{"behavior": "dummy"}"#)
        for name in ["delay", "hang", "25:error,50:delay", "dummy"] {
            let answer = try put(harness, #"{"name":"\#(name)","sleep":null}"#)
            #expect((answer.status, answer.body) == (200, #"{"status": "ok"}"#))
            #expect(try harness.send("GET /behavior").body == #"{"behavior": "\#(name)"}"#)
        }
        #expect(try harness.send("HEAD /behavior").status == 200)
    }

    @Test func `a behaviour takes the place of the toxics`() throws {
        let harness = try harness()
        #expect(try harness.send("POST /proxies/chaos/toxics", #"{"type":"noop"}"#).status == 200)
        #expect(try put(harness, #"{"name":"dummy"}"#).status == 200)
        #expect(harness.registry["chaos"]?.proxy.toxics == [])
        #expect(harness.registry["chaos"]?.proxy.mix == nil)
    }

    @Test func `settings apply`() throws {
        let harness = try harness()
        let delay = #"{"name":"delay","sleep":0.2,"before":false,"warmup":null}"#
        #expect(try put(harness, delay).status == 200)
        let toxic = harness.registry["chaos"]?.proxy.mix?.parts.first?.toxics.first
        #expect(toxic?.fault == .latency(Latency(latency: 200_000_000, jitter: 0)))
        #expect(toxic?.stream == .downstream)
        let error = #"{"name":"transient","warmup":2,"agitate":3}"#
        #expect(try put(harness, error).status == 200)
        let part = harness.registry["chaos"]?.proxy.mix?.parts.first
        #expect(part?.toxics.first?.exchanges.map { "\($0)" } == "3...5")
    }

    @Test func `the smallest settings apply`() throws {
        let harness = try harness()
        #expect(try put(harness, #"{"name":"delay","sleep":0,"before":1}"#).status == 200)
        let toxic = harness.registry["chaos"]?.proxy.mix?.parts.first?.toxics.first
        #expect(toxic?.fault == .latency(Latency(latency: 0, jitter: 0)))
        #expect(toxic?.stream == .upstream)
        let error = #"{"name":"transient","warmup":0,"agitate":1}"#
        #expect(try put(harness, error).status == 200)
        let part = harness.registry["chaos"]?.proxy.mix?.parts.first
        #expect(part?.toxics.first?.exchanges.map { "\($0)" } == "1")
    }

    @Test(arguments: [
        ("", "", "the value is not a valid json object"),
        ("{", "", "the value is not a valid json object"),
        ("[]", "", "the value is not a valid json object"),
        ("{} x", "", "the value is not a valid json object"),
        ("{}", "", "the value should contain a \"name\" key"),
        (#"{"Name":"delay"}"#, "", "the value should contain a \"name\" key"),
        (#"{"name":"sloth"}"#, "name", "the 'sloth' behavior does not exist"),
        (#"{"name":""}"#, "name", "the '' behavior does not exist"),
        (
            #"{"name":"80:error,50:delay"}"#, "name",
            "the behavior mix adds up to 130 % (error 80, delay 50)."
        ),
        (#"{"name":"delay","sleep":"x"}"#, "sleep", "the sleep must be a number of seconds"),
        (#"{"name":"delay","sleep":-1}"#, "sleep", "the sleep must be a number of seconds"),
        (#"{"name":"delay","sleep":1e300}"#, "sleep", "the sleep must be a number of seconds"),
        (#"{"name":"delay","before":2}"#, "before", "the before must be true or false"),
        (
            #"{"name":"error","warmup":-1}"#, "warmup",
            "the warmup must be a whole number, at least 0"
        ),
    ])
    func `what cannot be set is refused`(
        _ body: String, _ name: String, _ description: String
    ) throws {
        let harness = try harness()
        #expect(try put(harness, #"{"name":"hang"}"#).status == 200)
        let answer = try put(harness, body)
        #expect(answer.status == 400)
        #expect(answer["Content-Type"] == "application/json")
        let shown = JSONWriter.text(.string(description))
        #expect(
            answer.body == #"{"status":"error","errors":[{"location":"body","name":"\#(name)","#
                + "\"description\":\(shown)}]}")
        #expect(try harness.send("GET /behavior").body == #"{"behavior": "hang"}"#)
    }

    @Test func `the backend is changed for later connections`() throws {
        let harness = try harness()
        #expect(try harness.send("GET /backend").body == #"{"backend": "127.0.0.1:9"}"#)
        let answer = try harness.send("PUT /backend", #"{"backend":"localhost:10"}"#)
        #expect((answer.status, answer.body) == (200, #"{"status": "ok"}"#))
        #expect(try harness.send("GET /backend").body == #"{"backend": "localhost:10"}"#)
        #expect(try harness.state.contains(#""upstream":"localhost:10""#))
    }

    @Test(arguments: [#"{"backend":"nohost"}"#, #"{"backend":5}"#, "{}", "[]", "x"])
    func `a bad backend is refused`(_ body: String) throws {
        let harness = try harness()
        let answer = try harness.send("PUT /backend", body)
        #expect(answer.status == 400)
        #expect(answer.body.hasPrefix(#"{"status":"error","errors":[{"location":"body","name":""#))
        #expect(try harness.send("GET /backend").body == #"{"backend": "127.0.0.1:9"}"#)
    }

    @Test func `other methods and paths are refused as Vaurien does`() throws {
        let harness = try ControlHarness { $0.mode = .vaurien }
        for method in ["POST", "DELETE", "OPTIONS", "PATCH"] {
            let answer = try harness.send("\(method) /behavior", "{}")
            #expect(answer.status == 405)
            #expect(answer["Allow"] == "PUT, GET, HEAD")
            #expect(answer["Content-Type"]?.hasPrefix("text/plain") == true)
        }
        for path in ["/behavior/", "/x", "/", "/proxies", "/livez"] {
            #expect(try harness.send("GET \(path)").status == 404)
        }
    }

    @Test func `without its proxy the routes are not found`() throws {
        let harness = try ControlHarness()
        #expect(try harness.send("GET /behavior").status == 404)
        #expect(try put(harness, #"{"name":"delay"}"#).status == 404)
    }

    @Test func `on tcp an error is rubbish`() throws {
        let harness = try ControlHarness { $0.behaviourProxy = "t" }
        try harness.create("t")
        #expect(try put(harness, #"{"name":"error"}"#).status == 200)
        let fault = harness.registry["t"]?.proxy.mix?.parts.first?.toxics.first?.fault
        #expect(fault == .corrupt(Corrupt(bytes: 1000, inject: false)))
    }
}
