import ChaosProxy
import Faults
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct ToxicRouteTests {
    private func harness() throws -> ControlHarness {
        let harness = try ControlHarness()
        try harness.create("p", #","protocol":"http""#)
        return harness
    }

    @Test func `a toxic is made with all its attributes shown`() throws {
        let harness = try harness()
        let answer = try harness.send(
            "POST /proxies/p/toxics", #"{"type":"latency","attributes":{"latency":200}}"#)
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/json")
        let toxic =
            #"{"attributes":{"latency":200,"jitter":0},"name":"latency_downstream","#
            + #""type":"latency","stream":"downstream","toxicity":1}"#
        #expect(answer.body == toxic)
        #expect(try harness.send("GET /proxies/p/toxics").body == "[\(toxic)]")
        #expect(try harness.send("GET /proxies/p/toxics/latency_downstream").body == toxic)
        #expect(try harness.send("GET /proxies/p").body.contains("\"toxics\":[\(toxic)]"))
        #expect(try harness.send("DELETE /proxies/p/toxics/latency_downstream").status == 204)
        #expect(try harness.send("GET /proxies/p/toxics").body == "[]")
    }

    @Test(arguments: [
        ("noop", "{}"), ("latency", #"{"latency":0,"jitter":0}"#), ("bandwidth", #"{"rate":0}"#),
        ("slicer", #"{"average_size":0,"size_variation":0,"delay":0}"#),
        ("limit_data", #"{"bytes":0}"#), ("slow_close", #"{"delay":0}"#),
        ("timeout", #"{"timeout":0}"#), ("reset_peer", #"{"timeout":0}"#),
        ("packet_loss", #"{"loss_rate":0,"correlation":0}"#),
        ("corrupt", #"{"bytes":1000,"inject":0}"#),
        ("respond", #"{"418":1,"503":1,"retry_after":1000}"#),
    ])
    func `every type has its defaults`(_ type: String, _ attributes: String) throws {
        let harness = try harness()
        for rest in ["", #","attributes":null"#, #","attributes":{}"#] {
            let answer = try harness.send(
                "POST /proxies/p/toxics", "{\"type\":\"\(type)\",\"name\":\"t\"\(rest)}")
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix("{\"attributes\":\(attributes),\"name\":\"t\""))
            #expect(try harness.send("DELETE /proxies/p/toxics/t").status == 204)
        }
    }

    @Test func `upstream toxics are listed first`() throws {
        let harness = try harness()
        for (name, stream) in [("a", "downstream"), ("b", "upstream"), ("c", "downstream")] {
            let body = "{\"name\":\"\(name)\",\"type\":\"noop\",\"stream\":\"\(stream)\"}"
            #expect(try harness.send("POST /proxies/p/toxics", body).status == 200)
        }
        let list = try harness.send("GET /proxies/p/toxics").body
        let places = try ["b", "a", "c"].map {
            try #require(list.firstRange(of: "\"name\":\"\($0)\"")).lowerBound
        }
        #expect(places == places.sorted())
    }

    @Test func `the stream is echoed as it was given`() throws {
        let harness = try harness()
        let answer = try harness.send(
            "POST /proxies/p/toxics", #"{"type":"noop","stream":"UpStream"}"#)
        #expect(answer.body.contains(#""name":"noop_UpStream","type":"noop","stream":"UpStream""#))
        #expect(harness.registry["p"]?.proxy.toxics.first?.stream == .upstream)
    }

    @Test(arguments: [
        ("", 400, "bad request body: EOF"),
        (#"{"type":"latency","stream":""}"#, 400, ToxicRouteTests.badStream),
        (#"{"type":"no","stream":"x"}"#, 400, ToxicRouteTests.badStream),
        (#"{"type":"Latency"}"#, 400, "invalid toxic type"), ("{}", 400, "invalid toxic type"),
        (#"{"type":"noop","name":"taken"}"#, 409, "toxic already exists"),
        (
            #"{"type":"latency","attributes":{"latency":1.5}}"#, 400,
            "bad request body: json: cannot unmarshal number 1.5 into Go struct field "
                + "LatencyToxic.attributes.latency of type int64"
        ),
        (
            #"{"type":"limit_data","attributes":{"bytes":"5"}}"#, 400,
            "bad request body: json: cannot unmarshal string into Go struct field "
                + "LimitDataToxic.attributes.bytes of type int64"
        ),
        (#"{"type":"latency","attributes":[]}"#, 400, ""),
        (#"{"type":"latency","attributes":"x"}"#, 400, ""),
        (#"{"type":"latency","attributes":{"latency":1e3}}"#, 400, ""),
        (#"{"type":"latency","attributes":{"latency":true}}"#, 400, ""),
        (#"{"type":"latency","toxicity":1.5}"#, 400, ""),
        (#"{"type":"latency","toxicity":-1}"#, 400, ""),
        (#"{"type":"latency","toxicity":"1"}"#, 400, ""),
        (#"{"type":"bandwidth","attributes":{"rate":-1}}"#, 400, ""),
        (#"{"type":"slicer","attributes":{"average_size":-1}}"#, 400, ""),
        (#"{"type":"latency","attributes":{"jitter":4611686018427387904}}"#, 400, ""),
        (#"{"type":"packet_loss","attributes":{"loss_rate":1.5}}"#, 400, ""),
        (#"{"type":"respond","stream":"downstream"}"#, 400, ""),
        (#"{"type":"respond","attributes":{"418":0}}"#, 400, ""),
        (#"{"type":"noop","exchanges":"2...1"}"#, 400, ""),
        (#"{"type":"noop","exchanges":"1","per":"day"}"#, 400, ""),
        (#"{"type":"noop","match":{"client":"nobody"}}"#, 400, ""),
        (
            #"{"type":"noop","match":{"client":"10.0.0.0/08"}}"#, 400,
            "invalid match: client '10.0.0.0/08' is no address and no network. Write 127.0.0.1, "
                + "10.0.0.0/8 or 2001:db8::/32."
        ),
        (
            #"{"type":"noop","match":{"client":7}}"#, 400,
            "bad request body: json: cannot unmarshal number into Go struct field Match.client "
                + "of type string"
        ),
        (
            #"{"type":"latency","attributes":[]}"#, 400,
            "bad request body: json: cannot unmarshal array into Go struct field "
                + "ToxicWrapper.attributes of type LatencyToxic.attributes"
        ),
        (
            #"{"type":"noop","toxicity":"1"}"#, 400,
            "bad request body: json: cannot unmarshal string into Go struct field "
                + "ToxicWrapper.toxicity of type float32"
        ),
        (
            #"{"type":"bandwidth","attributes":{"rate":-1}}"#, 400,
            "invalid attribute: rate -1 is out of range. It lies from 0 to 1000000000000 kB/s."
        ),
        (#"{"type":"noop","match":{"client":"10.0.0.0/33"}}"#, 400, ""),
        (#"{"type":"noop","match":"/flags"}"#, 400, ""),
    ])
    func `what cannot be made is refused`(_ body: String, _ status: Int, _ words: String) throws {
        let harness = try harness()
        #expect(
            try harness.send("POST /proxies/p/toxics", #"{"type":"noop","name":"taken"}"#).status
                == 200)
        let before = try harness.state
        let answer = try harness.send("POST /proxies/p/toxics", body)
        #expect(answer.status == status)
        #expect(answer["Content-Type"] == "text/plain; charset=utf-8")
        if !words.isEmpty {
            let shown = JSONWriter.text(.string(words))
            #expect(answer.body == "{\"error\":\(shown),\"status\":\(status)}\n")
        }
        #expect(try harness.state == before)
    }

    static let badStream = "stream was invalid, can be either upstream or downstream"

    @Test func `unknown proxies and toxics are not found`() throws {
        let harness = try harness()
        for line in [
            "GET /proxies/x/toxics", "GET /proxies/x/toxics/t", "PATCH /proxies/x/toxics/t",
        ] {
            let answer = try harness.send(line, "{}")
            #expect(answer.status == 404)
            #expect(answer.body == "{\"error\":\"proxy not found\",\"status\":404}\n")
        }
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let answer = try harness.send("\(method) /proxies/p/toxics/x", "{}")
            #expect(answer.body == "{\"error\":\"toxic not found\",\"status\":404}\n")
        }
        #expect(try harness.send("POST /proxies/x/toxics", "{").status == 404)
    }

    @Test func `errors need a protocol that has some`() throws {
        let harness = try ControlHarness()
        try harness.create("t")
        let answer = try harness.send("POST /proxies/t/toxics", #"{"type":"respond"}"#)
        #expect(answer.status == 400)
        #expect(answer.body.contains("http, redis, memcache, mysql, smtp, postgres"))
    }

    @Test func `an update merges what is given`() throws {
        let harness = try harness()
        #expect(
            try harness.send(
                "POST /proxies/p/toxics",
                #"{"type":"latency","name":"t","attributes":{"latency":100,"jitter":10}}"#
            ).status == 200)
        for method in ["POST", "PATCH"] {
            let answer = try harness.send(
                "\(method) /proxies/p/toxics/t",
                #"{"attributes":{"LATENCY":77},"toxicity":0.2,"name":"x","type":"x","stream":"x"}"#)
            #expect(
                answer.body
                    == #"{"attributes":{"latency":77,"jitter":10},"name":"t","type":"latency","#
                    + #""stream":"downstream","toxicity":0.2}"#)
        }
        let after = try harness.state
        #expect(try harness.send("PATCH /proxies/p/toxics/t", "{}").status == 200)
        #expect(try harness.state == after)
        let half = #"{"attributes":{"latency":5,"jitter":"x"}}"#
        #expect(try harness.send("PATCH /proxies/p/toxics/t", half).status == 400)
        #expect(try harness.state == after)
    }

    @Test func `weights of statuses are merged, and 0 takes one away`() throws {
        let harness = try harness()
        #expect(try harness.send("POST /proxies/p/toxics", #"{"type":"respond"}"#).status == 200)
        let answer = try harness.send(
            "PATCH /proxies/p/toxics/respond_upstream",
            #"{"attributes":{"418":0,"500":3,"retry_after":0}}"#)
        #expect(
            answer.body.hasPrefix(#"{"attributes":{"500":3,"503":1,"retry_after":0}"#)
                || answer.body.hasPrefix(#"{"attributes":{"503":1,"500":3,"retry_after":0}"#))
    }

    @Test(arguments: ["0.2", "0.33333334", "0.1234567890123", "1", "1e-7", "0"])
    func `toxicity is shown as it was given`(_ toxicity: String) throws {
        let harness = try harness()
        let answer = try harness.send(
            "POST /proxies/p/toxics", #"{"type":"noop","toxicity":\#(toxicity)}"#)
        #expect(answer.body.hasSuffix("\"toxicity\":\(toxicity)}"))
    }

    @Test func `conditions are shown only where they are set`() throws {
        let harness = try harness()
        let conditions =
            #""exchanges":"1...2","per":"proxy","match":{"path":"/flags/*","method":"GET","#
            + #""header":"user-agent: curl*","client":"10.0.0.0/8","request":"3..."}"#
        let answer = try harness.send(
            "POST /proxies/p/toxics", "{\"type\":\"noop\",\"name\":\"t\",\(conditions)}")
        #expect(answer.body.hasSuffix("\"toxicity\":1,\(conditions)}"))
        let kept = try harness.send("PATCH /proxies/p/toxics/t", #"{"match":null}"#)
        #expect(kept.body == answer.body)
        let counted = try harness.send("PATCH /proxies/p/toxics/t", #"{"exchanges":3}"#)
        #expect(counted.body.contains(#""exchanges":"3","match""#))
        let bare = try harness.send(
            "PATCH /proxies/p/toxics/t", #"{"exchanges":"","match":{}}"#)
        #expect(bare.body.hasSuffix("\"toxicity\":1}"))
    }

    @Test(arguments: ["match", "client", "header"])
    func `what has counts of its own is shown, and can be written back`(_ per: String) throws {
        let harness = try harness()
        let counted = #""exchanges":"1...2","per":"\#(per)","match":{"header":"x-test: a*"}}"#
        let shown = try harness.send(
            "POST /proxies/p/toxics", "{\"type\":\"noop\",\"name\":\"t\",\(counted)")
        #expect(shown.body.hasSuffix("\"toxicity\":1,\(counted)"))
        let again = try harness.send("PATCH /proxies/p/toxics/t", shown.body)
        #expect(again.body == shown.body)
        let without = try harness.send(
            "PATCH /proxies/p/toxics/t", #"{"match":{"path":"/a"}}"#)
        #expect(without.status == (per == "header" ? 400 : 200), "\(without.body)")
    }

    @Test func `what the peer's integers cannot hold is kept beside them`() throws {
        let harness = try harness()
        let bandwidth = #"{"type":"bandwidth","name":"a","exact":{"rate":"1kbit/s"}}"#
        let shown = try harness.send("POST /proxies/p/toxics", bandwidth).body
        #expect(
            shown
                == #"{"attributes":{"rate":1},"name":"a","type":"bandwidth","#
                + #""stream":"downstream","toxicity":1,"exact":{"rate":"125B/s"}}"#)
        #expect(try harness.send("PATCH /proxies/p/toxics/a", shown).body == shown)
        let changed = try harness.send(
            "PATCH /proxies/p/toxics/a", #"{"attributes":{"rate":2}}"#)
        #expect(changed.body.contains(#""attributes":{"rate":2}"#))
        #expect(!changed.body.contains("exact"))
    }

    @Test func `whatever a toxic is, what is shown of it makes the same one`() throws {
        let harness = try harness()
        try harness.create("q", #","protocol":"http""#)
        var generator = TestGenerator(seed: 5)
        let proxies = try ["p", "q"].map { try harness.registry.find($0) }
        let types = FaultType.allCases.filter { !$0.needsNames }
        for _ in 0..<300 {
            let type = generator.element(of: types)
            var values: [String: Quantity] = [:]
            // One that is over at once is not there to be shown.
            for attribute in type.attributes
            where attribute.name != "for" && generator.next(below: 2) == 0 {
                let small = Int64(generator.next(below: attribute.unit == .flag ? 2 : 5_000_000))
                values[attribute.name] =
                    attribute.unit == .fraction
                    ? .fraction(Double(small) / 5_000_000) : .number(small)
            }
            guard let fault = try? Fault(type, values) else { continue }
            // Nothing is drawn before a connection is there.
            let share = type.place == .listener ? 999 : generator.next(below: 1000)
            let toxicity = Probability(Double(share) / 999) ?? .always
            let toxic = Toxic(
                fault, stream: type.stream, toxicity: .random(toxicity),
                exchanges: type.script?.exchanges)
            try harness.registry.set(toxics: [toxic], of: proxies[0])
            let shown = try harness.send("GET /proxies/p/toxics/\(toxic.name)").body
            try harness.registry.set(toxics: [], of: proxies[1])
            #expect(try harness.send("POST /proxies/q/toxics", shown).body == shown)
            #expect(proxies[1].proxy.toxics == [toxic], "\(shown)")
            #expect(try harness.send("PATCH /proxies/p/toxics/\(toxic.name)", shown).body == shown)
            #expect(proxies[0].proxy.toxics == [toxic], "\(shown)")
        }
    }

    @Test func `a proxy has at most 64 toxics`() throws {
        let harness = try harness()
        for number in 0...64 {
            let answer = try harness.send(
                "POST /proxies/p/toxics", #"{"type":"noop","name":"\#(number)"}"#)
            #expect(answer.status == (number < 64 ? 200 : 400))
        }
    }
}
