import Faults
import Testing

@testable import ControlAPI

/// No key is ignored without a word.
@Suite struct UnknownKeyTests {
    private static let proxy = #""name":"a","listen":"127.0.0.1:0","upstream":"h:1""#

    private func refusal(_ line: String, _ body: String) throws -> String {
        let harness = try ControlHarness()
        try harness.create("p")
        let answer = try harness.send(line, body)
        #expect(answer.status == 400)
        return answer.body
    }

    @Test(arguments: [
        ("POST /proxies", "{\(proxy),\"upstreem\":1}", "upstreem", "Did you mean 'upstream'?"),
        (
            "POST /proxies", "{\(proxy),\"max-concurency\":1}", "max-concurency",
            "Did you mean 'max_concurrency'?"
        ),
        ("POST /proxies/p", #"{"enabeld":false}"#, "enabeld", "Did you mean 'enabled'?"),
        ("PATCH /proxies/p", #"{"protocoll":"http"}"#, "protocoll", "Did you mean 'protocol'?"),
        ("POST /populate", "[{\(proxy),\"limit\":1}]", "limit", "There are name, listen, "),
        (
            "POST /proxies/p/toxics", #"{"type":"latency","streem":"upstream"}"#, "streem",
            "latency has no 'streem'. Did you mean 'stream'?"
        ),
        (
            "POST /proxies/p/toxics", #"{"type":"latency","attributes":{"latancy":5}}"#, "latancy",
            "latency has no 'latancy'. Did you mean 'latency'?"
        ),
        (
            "POST /proxies/p/toxics", #"{"type":"noop","match":{"pth":"/a"}}"#, "pth",
            "match has no 'pth'. Did you mean 'path'?"
        ),
        (
            "POST /populate", "[{\(proxy),\"toxics\":[{\"type\":\"noop\",\"toxcity\":1}]}]",
            "toxcity", "noop has no 'toxcity'. Did you mean 'toxicity'?"
        ),
    ])
    func `an unknown key is a 400 with the nearest`(
        line: String, body: String, key: String, words: String
    ) throws {
        let text = try refusal(line, body)
        #expect(text.contains("unknown key '\(key)'") && text.contains(words), "\(text)")
    }

    @Test func `a change of a toxic is held to the same`() throws {
        let harness = try ControlHarness()
        try harness.create("p", #","toxics":[{"type":"latency","name":"slow"}]"#)
        let path = "POST /proxies/p/toxics/slow"
        #expect(try harness.send(path, #"{"attributes":{"jiter":5}}"#).status == 400)
        #expect(try harness.send(path, #"{"toxixity":1}"#).status == 400)
        // These say nothing there, as at the peer.
        let nothing = #"{"name":"x","TYPE":"noop","Stream":"upstream","Toxics":[],"Logger":{}}"#
        let answer = try harness.send(path, nothing)
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""name":"slow","type":"latency","stream":"downstream""#))
    }

    @Test func `the peer's keys are let through in any case of letters`() throws {
        let harness = try ControlHarness()
        let body =
            #"{"NAME":"a","Listen":"127.0.0.1:0","upStream":"h:1","Enabled":true,"Toxics":[],"#
            + #""Type":"x","Stream":"y","Toxicity":1,"Attributes":{},"Logger":null}"#
        #expect(try harness.send("POST /proxies", body).status == 201)
        let toxics = #"{"toxics":[{"type":"noop"}]}"#
        #expect(try harness.send("POST /proxies/a", toxics).status == 200)
        #expect(harness.registry["a"]?.proxy.toxics.isEmpty == true)
    }

    @Test func `our keys may have hyphens or underscores`() throws {
        let harness = try ControlHarness()
        let limits = #","protocol":"http","max-concurrency":3,"Over-Limit":"queue""#
        #expect(try harness.send("POST /proxies", "{\(Self.proxy)\(limits)}").status == 201)
        #expect(harness.registry["a"]?.proxy.requestLimits.maxConcurrency == 3)
        let toxic = #"{"type":"respond","attributes":{"retry-after":5000}}"#
        let body = try harness.send("POST /proxies/a/toxics", toxic).body
        #expect(body.contains(#""retry_after":5000"#))
    }

    @Test func `where the peer is stood in for they are told of`() throws {
        let harness = try ControlHarness { $0.mode = .toxiproxy }
        var told: [String] = []
        harness.environment.onWarning = { told.append($0) }
        let body = "{\(Self.proxy),\"upstreem\":1,\"toxics\":[{\"type\":\"noop\",\"streem\":1}]}"
        #expect(try harness.send("POST /proxies", body).status == 201)
        #expect(
            told == [
                "unknown key 'upstreem'. Did you mean 'upstream'?",
                "unknown key 'streem': noop has no 'streem'. Did you mean 'stream'?",
            ])
    }

    // MARK: What is shown can be written back

    @Test func `the exact mode is shown and kept`() throws {
        let harness = try ControlHarness()
        try harness.create(
            "p", #","protocol":"http","toxics":[{"type":"respond","toxicity":0.25,"mode":"exact"}]"#
        )
        #expect(
            try harness.send("GET /proxies/p").body.contains(#""toxicity":0.25,"mode":"exact""#))
        let path = "POST /proxies/p/toxics/respond_upstream"
        #expect(
            try harness.send(path, #"{"toxicity":0.5}"#).body.contains(
                #""toxicity":0.5,"mode":"exact""#))
        #expect(!(try harness.send(path, #"{"mode":"random"}"#).body.contains("mode")))
    }

    @Test func `what GET prints is populated again`() throws {
        let harness = try ControlHarness()
        try harness.addSite("local")
        try harness.create(
            "p",
            #","protocol":"http","behavior":"25:delay","behavior_options":{"delay":{"sleep":2}}"#)
        let toxic = #"{"type":"bandwidth","attributes":{"rate":"1kbit/s"},"mode":"exact"}"#
        #expect(try harness.send("POST /proxies/p/toxics", toxic).status == 200)
        let shown = try harness.send("GET /proxies").body
        #expect(try harness.send("POST /populate", shown).status == 201)
        #expect(try harness.send("GET /proxies").body == shown)
        #expect(try harness.send("DELETE /proxies/p").status == 204)
        #expect(try harness.send("POST /populate", shown).status == 201)
        #expect(try harness.send("GET /proxies").body == shown)
    }

    // MARK: Behaviours

    @Test func `the settings of behaviours are shown where they are not the usual ones`() throws {
        let harness = try ControlHarness { $0.behaviourProxy = "p" }
        try harness.create("p")
        let body = #"{"name":"25:delay,10:error","sleep":2.5,"warmup":3,"before":true}"#
        #expect(try harness.send("PUT /behavior", body).status == 200)
        let options =
            #""behavior":"25:delay,10:error","#
            + #""behavior_options":{"delay":{"sleep":2.5},"error":{"warmup":3}}"#
        #expect(try harness.send("GET /proxies/p").body.contains(options))
    }

    @Test func `a behaviour can be changed and taken away`() throws {
        let harness = try ControlHarness()
        try harness.create("p")
        let delay = #"{"behavior":"delay","behavior-options":{"delay":{"before":false}}}"#
        #expect(try harness.send("POST /proxies/p", delay).status == 200)
        #expect(harness.registry["p"]?.proxy.mix?.options[.delay]?.before == false)
        #expect(try harness.send("POST /proxies/p", "{}").status == 200)
        #expect(harness.registry["p"]?.proxy.mix != nil)
        #expect(try harness.send("POST /proxies/p", #"{"behavior":""}"#).status == 200)
        #expect(harness.registry["p"]?.proxy.mix == nil)
    }

    @Test(arguments: [
        (#"{"delay":{"slep":1}}"#, "delay has no 'slep'. Did you mean 'sleep'?"),
        (#"{"dely":{}}"#, "there is no 'dely'. Did you mean 'delay'?"),
        (#"{"delay":{"sleep":-1}}"#, "the sleep must be a number of seconds"),
        (#"{"abort":{"warmup":1}}"#, "abort has no 'warmup'."),
    ])
    func `wrong settings are refused`(options: String, words: String) throws {
        let body = #"{"behavior":"delay","behavior_options":\#(options)}"#
        let text = try refusal("POST /proxies/p", body)
        #expect(text.contains("invalid behavior_options: \(words)"), "\(text)")
    }

    @Test func `settings need a behaviour, and Vaurien's keys are known`() throws {
        #expect(
            try refusal("POST /proxies/p", #"{"behavior_options":{"delay":{"sleep":1}}}"#).contains(
                "there is no behavior beside it"))
        let harness = try ControlHarness { $0.behaviourProxy = "p" }
        try harness.create("p")
        let answer = try harness.send("PUT /behavior", #"{"name":"delay","slep":2}"#)
        #expect(answer.status == 400)
        #expect(answer.body.contains("unknown key 'slep'. Did you mean 'sleep'?"))
    }
}
