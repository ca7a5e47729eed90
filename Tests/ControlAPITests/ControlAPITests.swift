import ChaosProxy
import Faults
import Testing

@testable import ControlAPI

@Suite struct ControlAPITests {
    @Test func `the version is what clients compare`() throws {
        let answer = try ControlHarness().send("GET /version")
        #expect((answer.status, answer.body) == (200, "{\"version\": \"2.12.0\"}\n"))
        #expect(answer["Content-Type"] == "application/json;charset=utf-8")
    }

    @Test func `routed answers have an identity, others have none`() throws {
        let harness = try ControlHarness()
        var identities: Set<String> = []
        for line in [
            "GET /proxies", "GET /proxies/x", "POST /reset", "GET /version", "GET /metrics",
        ] {
            let identity = try #require(try harness.send(line)["X-Toxiproxy-Request-Id"])
            #expect(identity.utf8.count == 20)
            #expect(identity.allSatisfy { "0123456789abcdefghijklmnopqrstuv".contains($0) })
            identities.insert(identity)
        }
        #expect(identities.count == 5)
        for line in ["GET /x", "PUT /proxies", "GET //proxies"] {
            #expect(try harness.send(line)["X-Toxiproxy-Request-Id"] == nil)
        }
    }

    @Test(arguments: [
        "/x", "/proxies/", "/version/", "/proxies/a/", "/proxies/a/toxics/", "/proxies/a/b",
        "/proxies/a/toxics/t/u", "/reset/x", "/Proxies", "/proxies/a/toxics/t/",
    ])
    func `an unknown path is text`(_ path: String) throws {
        let answer = try ControlHarness().send("GET \(path)")
        #expect((answer.status, answer.body) == (404, "404 page not found\n"))
        #expect(answer["Content-Type"] == "text/plain; charset=utf-8")
    }

    @Test(arguments: [
        "PUT /proxies", "HEAD /proxies", "OPTIONS /proxies", "DELETE /proxies", "PUT /proxies/a",
        "HEAD /proxies/a", "GET /populate", "GET /reset", "POST /version", "HEAD /version",
        "DELETE /proxies/a/toxics", "PUT /proxies/a/toxics/t", "TRACE /reset",
    ])
    func `a wrong method has an empty answer`(_ line: String) throws {
        let answer = try ControlHarness().send(line)
        #expect((answer.status, answer.body) == (405, ""))
        #expect(answer["Allow"] != nil)
    }

    @Test(arguments: [
        ("//proxies", "/proxies"), ("/proxies//a?x=1", "/proxies/a?x=1"), ("//", "/"),
        ("/./proxies/../version", "/version"), ("/../..//proxies/", "/proxies/"),
        ("//host/..", "/"), ("///host", "/host"),
    ])
    func `empty and dot segments are redirected`(_ path: String, _ location: String) throws {
        let answer = try ControlHarness().send("GET \(path)")
        #expect((answer.status, answer["Location"]) == (301, location))
    }

    @Test func `a malformed escape is a 400`() throws {
        #expect(try ControlHarness().send("GET /proxies/%zz").status == 400)
        #expect(try ControlHarness().send("GET /proxies/%4").status == 400)
    }

    @Test func `queries and content types are not looked at`() throws {
        let harness = try ControlHarness()
        let answer = try harness.send(
            "POST /proxies?x=1", #"{"name":"a","listen":"127.0.0.1:0","upstream":"h:1"}"#,
            fields: ["Content-Type: application/x-www-form-urlencoded"])
        #expect(answer.status == 201)
        #expect(try harness.send("POST /reset", "garbage").status == 204)
    }

    @Test func `modes have their routes only`() throws {
        let toxiproxy = try ControlHarness { ($0.mode, $0.hasMetrics) = (.toxiproxy, false) }
        for path in [
            "/behavior", "/behaviors", "/backend", "/livez", "/readyz", "/", "/metrics",
        ] {
            #expect(try toxiproxy.send("GET \(path)").status == 404)
        }
        for line in [
            "GET /journal", "GET /events", "GET /concurrency", "GET /running",
            "POST /concurrency/reset",
        ] {
            #expect(try toxiproxy.send(line).status / 100 == 2)
        }
        #expect(try toxiproxy.send("POST /verify", #"{"count":0}"#).status == 200)
        let both = try ControlHarness()
        for path in ["/livez", "/readyz", "/", "/proxies", "/behaviors", "/metrics", "/journal"] {
            #expect(try both.send("GET \(path)").status == 200)
        }
    }

    @Test func `browsers are refused in Toxiproxy's mode, after paths and methods`() throws {
        let harness = try ControlHarness { $0.mode = .toxiproxy }
        let browser = ["User-Agent: Mozilla/5.0 (X11)"]
        let answer = try harness.send("GET /proxies", fields: browser)
        #expect((answer.status, answer.body) == (403, "User agent not allowed\n"))
        #expect(answer["X-Toxiproxy-Request-Id"] != nil)
        #expect(try harness.send("GET /x", fields: browser).status == 404)
        #expect(try harness.send("PUT /proxies", fields: browser).status == 405)
        #expect(try harness.send("GET /proxies", fields: ["User-Agent: mozilla/5"]).status == 200)
        #expect(try ControlHarness().send("GET /proxies", fields: browser).status == 200)
    }

    @Test func `no cache may keep an answer, whatever it is`() throws {
        let harness = try ControlHarness { $0.token = "secret" }
        let token = ["Authorization: Bearer secret"]
        for line in [
            "GET /proxies", "GET /version", "GET /metrics", "POST /reset", "GET /x", "PUT /proxies",
            "GET //proxies", "GET /%zz", "GET /proxies/none", "GET /journal", "GET /behavior",
            "GET /livez", "GET /", "GET /events",
        ] {
            #expect(try harness.send(line, fields: token)["Cache-Control"] == "no-store")
        }
        #expect(try harness.send("GET /proxies")["Cache-Control"] == "no-store")
        #expect(try harness.send("GET /", host: "x.example")["Cache-Control"] == "no-store")
    }

    @Test func `a call is told with what Toxiproxy logs`() throws {
        let harness = try ControlHarness()
        var calls: [ControlCall] = []
        harness.control.onCall = { calls.append($0) }
        try harness.create("a")
        for line in [
            "GET /proxies", "GET /proxies/a", "PATCH /proxies/a", "POST /proxies/a",
            "GET /proxies/a/toxics", "POST /proxies/a/toxics", "GET /proxies/a/toxics/t",
            "PATCH /proxies/a/toxics/t", "DELETE /proxies/a/toxics/t", "DELETE /proxies/a",
            "POST /populate", "POST /reset", "GET /version", "GET /metrics", "GET /journal?limit=1",
            "POST /concurrency/reset", "GET /", "GET /none", "PUT /proxies",
        ] {
            _ = try harness.send(line, "{}", fields: ["User-Agent: some/1"])
        }
        #expect(
            calls.map(\.handler) == [
                "ProxyCreate", "ProxyIndex", "ProxyShow", "ProxyUpdate", "ProxyUpdate",
                "ToxicIndex", "ToxicCreate", "ToxicShow", "ToxicUpdate", "ToxicDelete",
                "ProxyDelete", "Populate", "ResetState", "Version", "Metrics", "Journal",
                "ConcurrencyReset", "Summary",
            ])
        let last = try #require(calls.first { $0.handler == "ToxicShow" })
        #expect((last.method, last.target) == ("GET", "/proxies/a/toxics/t"))
        #expect((last.status, last.userAgent, last.size) == (404, "some/1", 41))
        #expect(last.identity?.utf8.count == 20)
    }

    @Test func `the figures of the process have Prometheus' names`() throws {
        let harness = try ControlHarness {
            ($0.mode, $0.hasByteCounters, $0.hasProcessMetrics) = (.toxiproxy, false, true)
        }
        try harness.create("a")
        let body = try harness.send("GET /metrics").body
        let samples = body.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: " ") }
        #expect(
            samples.map { $0[0] } == [
                "process_cpu_seconds_total", "process_max_fds", "process_open_fds",
                "process_resident_memory_bytes", "process_start_time_seconds",
                "process_virtual_memory_bytes",
            ])
        #expect(samples.allSatisfy { Double($0[1]) ?? 0 > 0 })
    }

    @Test func `metrics have two counters for each direction`() throws {
        let harness = try ControlHarness()
        #expect(try ControlHarness { $0.mode = .toxiproxy }.send("GET /metrics").body.isEmpty)
        try harness.create("a\\\"b\\\\")
        let port = try #require(harness.registry["a\"b\\"]?.proxy.addresses.first?.port)
        let answer = try harness.send("GET /metrics")
        #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let labels = #"listener="127.0.0.1:\#(port)",proxy="a\"b\\",upstream="127.0.0.1:9""#
        for name in ["received", "sent"] {
            for direction in ["upstream", "downstream"] {
                let line =
                    "toxiproxy_proxy_\(name)_bytes_total{direction=\"\(direction)\",\(labels)} 0\n"
                #expect(answer.body.contains(line))
            }
            #expect(answer.body.contains("# TYPE toxiproxy_proxy_\(name)_bytes_total counter\n"))
        }
        #expect(try harness.send("POST /metrics").status == 200)
    }

    @Test func `a reset brings back what was there at the start`() throws {
        let harness = try ControlHarness()
        let noop = Toxic(.noop(Noop()), stream: .upstream)
        let site = try harness.addSite("error", [noop])
        let port = try harness.create("a", #","toxics":[{"type":"noop"}]"#)
        #expect(try harness.send("PATCH /proxies/a", #"{"enabled":false}"#).status == 200)
        #expect(try harness.send("DELETE /proxies/error/toxics/noop_upstream").status == 204)
        #expect(try harness.send("DELETE /proxies/error").status == 204)
        #expect(harness.registry["error"] == nil && !site.isEnabled)
        let reset = try harness.send("POST /reset")
        #expect((reset.status, reset.body) == (204, ""))
        #expect(harness.registry["error"]?.proxy.toxics == [noop])
        #expect(harness.registry["error"]?.isEnabled == true)
        #expect(harness.registry["a"]?.proxy.toxics == [])
        #expect(harness.registry["a"]?.proxy.addresses.map(\.port) == [port])
    }

    @Test func `a reset that cannot have a port says so and resets the others`() throws {
        let harness = try ControlHarness()
        let port = try harness.create("a")
        #expect(try harness.send("PATCH /proxies/a", #"{"enabled":false}"#).status == 200)
        let other =
            #"{"name":"b","listen":"127.0.0.1:\#(port)","upstream":"h:1","#
            + #""toxics":[{"type":"noop"}]}"#
        #expect(try harness.send("POST /proxies", other).status == 201)
        #expect(try harness.send("POST /reset").status == 500)
        #expect(harness.registry["b"]?.proxy.toxics == [])
    }

    @Test func `the program's own servers lead nowhere else`() throws {
        let harness = try ControlHarness()
        try harness.addSite("local")
        for body in [#"{"upstream":"127.0.0.1:1"}"#, #"{"protocol":"tcp"}"#] {
            let answer = try harness.send("PATCH /proxies/local", body)
            #expect(answer.status == 400)
            #expect(answer.body.contains("local serves the flags"))
        }
        let same = #"{"upstream":"flags","protocol":"http","enabled":true}"#
        #expect(try harness.send("PATCH /proxies/local", same).status == 200)
    }
}
