import ChaosProxy
import Testing

@testable import ControlAPI

@Suite struct ProxyRouteTests {
    private static let json = "application/json"
    private static let text = "text/plain; charset=utf-8"

    @Test func `without proxies the list is an empty object`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send("GET /proxies")
        #expect((answer.status, answer.body) == (200, "{}"))
        #expect(answer["Content-Type"] == Self.json)
    }

    @Test func `a proxy is made, shown and deleted`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        let proxy =
            #"{"name":"a","listen":"127.0.0.1:\#(port)","upstream":"127.0.0.1:9","#
            + #""enabled":true,"toxics":[]}"#
        #expect(try harness.send("GET /proxies/a").body == proxy)
        #expect(try harness.send("GET /proxies").body == "{\"a\":\(proxy)}")
        let deleted = try harness.send("DELETE /proxies/a")
        #expect((deleted.status, deleted.body) == (204, ""))
        #expect(try harness.send("DELETE /proxies/a").status == 404)
    }

    @Test func `the list is sorted by name`() throws {
        let harness = try ControlHarness()
        for name in ["b", "a", "Z", "é"] { try harness.create(name) }
        let body = try harness.state
        let places = try ["Z", "a", "b", "é"].map {
            try #require(body.firstRange(of: "\"\($0)\":{")).lowerBound
        }
        #expect(places == places.sorted())
    }

    @Test(arguments: [
        ("", 400, "bad request body: EOF"), ("{", 400, "bad request body: unexpected EOF"),
        ("x", 400, "bad request body: invalid character 'x' looking for beginning of value"),
        ("null", 400, "missing required field: name"),
        ("{}", 400, "missing required field: name"),
        (#"{"name":"","upstream":"h:1"}"#, 400, "missing required field: name"),
        (#"{"name":"a"}"#, 400, "missing required field: upstream"),
        (#"{"name":"taken"}"#, 400, "missing required field: upstream"),
        (#"{"name":"taken","upstream":"h:1","listen":"garbage"}"#, 409, "proxy already exists"),
        (
            #"{"name":"a","upstream":"h:1","listen":"garbage"}"#, 500,
            "listen tcp: address garbage: missing port in address"
        ),
        (
            #"{"name":"a","upstream":"h:1","listen":"localhost:99999"}"#, 500,
            "listen tcp: address 99999: invalid port"
        ),
        (
            #"{"name":"a","upstream":"h:1","listen":"no.such.host:1"}"#, 500,
            "listen tcp: lookup no.such.host: no such host"
        ),
        (
            #"{"name":"a","upstream":"h:1","enabled":"yes"}"#, 400,
            "bad request body: json: cannot unmarshal string into Go struct field Proxy.enabled "
                + "of type bool"
        ),
        (
            #"{"name":"a","upstream":"h:1","protocol":"udp"}"#, 400,
            "invalid protocol: 'udp' is none of tcp, http, redis, memcache, mysql, smtp, postgres, "
                + "charfinder"
        ),
        (
            #"{"name":"a","upstream":"nowhere"}"#, 400,
            "invalid upstream: 'nowhere' is not of the form host:port or [address]:port"
        ),
        (#"{"name":"a","upstream":"h:1","behavior":"x"}"#, 400, ""),
    ])
    func `what cannot be made is refused`(_ body: String, _ status: Int, _ words: String) throws {
        let harness = try ControlHarness()
        try harness.create("taken")
        let before = try harness.state
        let answer = try harness.send("POST /proxies", body)
        #expect(answer.status == status)
        #expect(answer["Content-Type"] == Self.text)
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        if !words.isEmpty {
            let shown = JSONWriter.text(.string(words))
            #expect(answer.body == "{\"error\":\(shown),\"status\":\(status)}\n")
        }
        #expect(try harness.state == before)
    }

    @Test func `a port that is taken is a 500 in Go's words`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        let answer = try harness.send(
            "POST /proxies",
            #"{"name":"b","listen":"127.0.0.1:\#(port)","upstream":"127.0.0.1:9"}"#)
        #expect(
            answer.body == #"{"error":"listen tcp 127.0.0.1:\#(port): bind: "#
                + "address already in use\",\"status\":500}\n")
        #expect(harness.registry["b"] == nil)
    }

    @Test func `both loopbacks are meant by localhost and shown as one`() throws {
        let harness = try ControlHarness()
        for listen in ["localhost:0", ":0", ""] {
            let answer = try harness.send(
                "POST /proxies", #"{"name":"a","listen":"\#(listen)","upstream":"localhost:9"}"#)
            #expect(answer.status == 201)
            let found = try harness.registry.find("a")
            let port = found.proxy.addresses.first?.port ?? 0
            #expect(found.listenText == "127.0.0.1:\(port)")
            #expect(found.proxy.addresses.allSatisfy { $0.port == port })
            #expect(try harness.send("DELETE /proxies/a").status == 204)
        }
    }

    @Test func `a disabled proxy keeps its listen text unchecked`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send(
            "POST /proxies",
            #"{"name":"a","listen":"garbage","upstream":"localhost:9","enabled":false}"#)
        #expect(answer.status == 201)
        #expect(
            answer.body.contains(#""listen":"garbage","upstream":"localhost:9","enabled":false"#))
        let enabled = try harness.send("PATCH /proxies/a", #"{"enabled":true}"#)
        #expect(enabled.status == 500)
        #expect(enabled.body.contains(#""address garbage: missing port in address""#))
        #expect(
            try harness.send("POST /proxies/a", #"{"listen":"127.0.0.1:0","enabled":true}"#).status
                == 200)
    }

    @Test func `null and keys in any case are as the clients send them`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send(
            "POST /proxies",
            #"{"Name":"a","Listen":null,"UPSTREAM":"localhost:9","Enabled":null,"toxics":null,"#
                + #""protocol":null,"behavior":null,"logger":[1]} rest"#)
        #expect(answer.status == 201)
        #expect(answer.body.contains("\"enabled\":true"))
    }

    @Test func `a proxy and its toxics appear in one step`() throws {
        let harness = try ControlHarness()
        try harness.create(
            "a",
            #","protocol":"http","toxics":[{"type":"latency","attributes":{"latency":5}},"#
                + #"{"type":"respond"}]"#)
        let body = try harness.send("GET /proxies/a").body
        #expect(body.contains(#""protocol":"http""#))
        #expect(body.contains(#""name":"latency_downstream""#))
        #expect(body.contains(#""name":"respond_upstream""#))
        let before = try harness.state
        let bad = #"{"name":"b","upstream":"h:1","toxics":[{"type":"latency"},{"type":"no"}]}"#
        #expect(try harness.send("POST /proxies", bad).status == 400)
        #expect(try harness.state == before)
    }

    @Test func `a behavior comes with a proxy and is shown`() throws {
        let harness = try ControlHarness()
        try harness.create("a", #","behavior":"25:error,50:delay""#)
        #expect(try harness.state.contains(#""behavior":"25:error,50:delay""#))
    }

    @Test func `an equivalent listen text is no change`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        let found = try harness.registry.find("a")
        let before = try harness.state
        for listen in ["127.0.0.1:\(port)", "localhost:\(port)", ":\(port)"] {
            let answer = try harness.send("PATCH /proxies/a", #"{"listen":"\#(listen)"}"#)
            #expect(answer.status == 200)
            #expect(try harness.state == before)
            #expect(found.proxy.addresses.count == 1)
        }
        #expect(try harness.send("PATCH /proxies/a", "{}").status == 200)
        #expect(try harness.state == before)
    }

    @Test func `disabled and enabled again, a proxy has the same port`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        for method in ["POST", "PATCH"] {
            let off = try harness.send("\(method) /proxies/a", #"{"enabled":false}"#)
            #expect(off.body.contains("\"enabled\":false"))
            #expect(harness.registry["a"]?.proxy.addresses == [])
            let on = try harness.send("\(method) /proxies/a", #"{"enabled":true,"name":"x"}"#)
            #expect(on.body.contains(#""listen":"127.0.0.1:\#(port)""#))
        }
        #expect(try harness.send("POST /proxies/b", "{}").status == 404)
    }

    @Test func `a failed restart leaves the proxy disabled with the new text`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        try harness.create("b")
        let answer = try harness.send("PATCH /proxies/b", #"{"listen":"127.0.0.1:\#(port)"}"#)
        #expect(answer.status == 500)
        let shown = try harness.send("GET /proxies/b").body
        #expect(shown.contains(#""listen":"127.0.0.1:\#(port)""#))
        #expect(shown.contains("\"enabled\":false"))
    }

    @Test func `a bad update changes nothing`() throws {
        let harness = try ControlHarness()
        try harness.create("a")
        let before = try harness.state
        for body in [
            #"{"listen":"garbage"}"#, #"{"upstream":""}"#, #"{"upstream":"x"}"#, "[]", "",
            #"{"enabled":false,"upstream":"x"}"#, #"{"enabled":1}"#, #"{"protocol":"x"}"#,
        ] {
            #expect(try harness.send("PATCH /proxies/a", body).status >= 400)
            #expect(try harness.state == before)
        }
    }

    @Test func `another protocol keeps the port and the toxics`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a", #","toxics":[{"type":"latency"}]"#)
        let answer = try harness.send("PATCH /proxies/a", #"{"protocol":"redis"}"#)
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""listen":"127.0.0.1:\#(port)""#))
        #expect(answer.body.contains(#""protocol":"redis""#))
        #expect(answer.body.contains("latency_downstream"))
    }

    @Test func `a protocol without errors is refused where some are to be answered`() throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http","toxics":[{"type":"respond"}]"#)
        try harness.create("b", #","protocol":"http","behavior":"error""#)
        let before = try harness.state
        for name in ["a", "b"] {
            let answer = try harness.send("PATCH /proxies/\(name)", #"{"protocol":"tcp"}"#)
            #expect(answer.status == 400)
            #expect(try harness.state == before)
        }
    }

    @Test func `names with a slash can be asked for`() throws {
        let harness = try ControlHarness()
        try harness.create("a/b c", #","toxics":[{"type":"noop","name":"x/%"}]"#)
        #expect(try harness.send("GET /proxies/a%2Fb%20c").status == 200)
        #expect(try harness.send("GET /proxies/a%2fb%20c/toxics/x%2F%25").status == 200)
        #expect(try harness.send("GET /proxies/a/b%20c").status == 404)
        #expect(try harness.send("DELETE /proxies/a%2Fb%20c").status == 204)
    }
}
