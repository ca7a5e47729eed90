import ChaosProxy
import EventLoop
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct ConcurrencyRouteTests {
    private func address(_ host: String) throws -> SocketAddress {
        try #require(SocketAddress(host: host, port: 4711))
    }

    @Test func `without proxies there is nothing under way`() throws {
        let answer = try ControlHarness().send("GET /concurrency")
        #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
        #expect(answer.body == #"{"proxies":{},"clients":{},"# + Self.noLatency + "," + Self.bounds)
    }

    private static let noTimes =
        #"{"count":0,"sum_seconds":0,"p50":null,"p95":null,"p99":null,"#
        + #""buckets":[0,0,0,0,0,0,0,0,0,0,0,0,0]}"#
    private static let noLatency = #""latency":"# + noTimes
    private static let bounds =
        #""latency_bounds_seconds":[0.001,0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10]}"#
    private static let noRecords =
        #","statuses":{},"faults":{},"unplanned":0,"# + noLatency

    @Test func `what came of the exchanges is told as the metrics tell it`() throws {
        let harness = try ControlHarness()
        let (a, b) = (try harness.addSite("a").proxy, try harness.addSite("b").proxy)
        try harness.create("idle")
        var record = SampleRecords.documented
        record.duration = 700_000_000
        for _ in 0..<98 { a.record(record) }
        (record.status, record.faults, record.ending) = (nil, [], .rst)
        record.duration = 20_000_000_000
        for _ in 0..<2 { a.record(record) }
        (record.status, record.ending, record.duration) = (200, .keep, 1_000_000)
        for _ in 0..<300 { b.record(record) }
        let json = try JSONValue(text: harness.send("GET /concurrency").body)
        let told = json["proxies"]?["a"]
        #expect(
            told?["statuses"]
                == .object([.init("503", .number("98")), .init("none", .number("2"))]))
        #expect(told?["faults"] == .object([.init("respond", .number("98"))]))
        #expect(told?["unplanned"] == .number("2"))
        #expect(json["proxies"]?["idle"]?["latency"] == (try JSONValue(text: Self.noTimes)))
        func figures(_ latency: JSONValue?) -> [JSONValue?] {
            ["count", "sum_seconds", "p50", "p95", "p99"].map { latency?[$0] }
        }
        let latency = told?["latency"]
        #expect(figures(latency).prefix(2) == [.number("100"), .number("108.6")])
        #expect(figures(latency).last == .number("20"))
        #expect(
            latency?["buckets"]?[8] == .number("98") && latency?["buckets"]?[12] == .number("2"))
        #expect(latency?["buckets"]?[13] == nil)
        let all = json["latency"]
        #expect(figures(all).prefix(2) == [.number("400"), .number("108.9")])
        #expect(all?["buckets"]?[0] == .number("300") && all?["buckets"]?[8] == .number("98"))
        let metrics = try harness.send("GET /metrics").body
        for line in [
            #"flagserver_requests_total{proxy="a",status="503"} 98"#,
            #"flagserver_requests_total{proxy="a",status="none"} 2"#,
            #"flagserver_faults_total{proxy="a",type="respond"} 98"#,
            #"flagserver_request_duration_seconds_sum{proxy="a"} 108.6"#,
        ] {
            #expect(metrics.contains(line))
        }
    }

    @Test func `proxies and clients are metered, and peaks begin again`() throws {
        let harness = try ControlHarness()
        try harness.create(
            "b", #","protocol":"http","max_concurrency":5,"over_limit":429,"rate":2.5"#)
        try harness.create("a", #","max_connections":7"#)
        let (a, b) = try (harness.registry.find("a").proxy, harness.registry.find("b").proxy)
        let (one, two) = (try address("127.0.0.1"), try address("::1"))
        b.begin(3, from: one)
        b.begin(2, from: two)
        b.end(1, from: one)
        a.begin(4, from: one)
        b.note(malformed: 0, refused: 6)
        let limits = #""queued":0,"requests":0,"errors":0,"refused":"#
        let rest = #""gave_up":0,"connections":0,"peak_connections":0,"max_connections":"#
        let body = try harness.send("GET /concurrency").body
        #expect(
            body.replacing(/"(in_flight|queued)_seconds":[0-9.e-]+,/, with: "")
                == #"{"proxies":{"a":{"in_flight":4,"peak":4,"limit":null,"#
                + #""limit_per_client":null,"over_limit":null,"#
                + #""rate":null,\#(limits)0,\#(rest)7,"clients":{"127.0.0.1":{"in_flight":4,"#
                + #""peak":4,"connections":0}}"# + Self.noRecords
                + #"},"b":{"in_flight":4,"peak":5,"limit":5,"#
                + #""limit_per_client":null,"#
                + #""over_limit":"429","rate":2.5,\#(limits)6,\#(rest)null,"clients":{"#
                + #""127.0.0.1":{"in_flight":2,"peak":3,"connections":0},"#
                + #""::1":{"in_flight":2,"peak":2,"connections":0}}"#
                + Self.noRecords + #"}},"clients":{"#
                + #""127.0.0.1":{"in_flight":6,"peak":6,"connections":0},"#
                + #""::1":{"in_flight":2,"peak":2,"connections":0}},"#
                + Self.noLatency + "," + Self.bounds)
        let seconds = try JSONValue(text: body)["proxies"]?["a"]?["in_flight_seconds"]
        #expect(seconds != nil && seconds != .number("0"))
        b.end(2, from: two)
        let reset = try harness.send("POST /concurrency/reset")
        #expect((reset.status, reset.body) == (204, ""))
        let json = try JSONValue(text: harness.send("GET /concurrency").body)
        #expect(json["proxies"]?["b"]?["peak"] == .number("2"))
        #expect(json["proxies"]?["a"]?["peak"] == .number("4"))
        #expect(json["proxies"]?["b"]?["clients"]?["127.0.0.1"]?["peak"] == .number("2"))
        #expect(json["clients"]?["127.0.0.1"]?["peak"] == .number("6"))
        #expect(json["clients"]?["::1"]?["peak"] == .number("0"))
    }

    @Test func `a reset begins all peaks again`() throws {
        let harness = try ControlHarness()
        try harness.create("a", #","protocol":"http""#)
        let (proxy, client) = (try harness.registry.find("a").proxy, try address("127.0.0.1"))
        proxy.begin(3, from: client)
        proxy.end(2, from: client)
        #expect(try harness.send("POST /reset").status == 204)
        let json = try JSONValue(text: harness.send("GET /concurrency").body)
        let (all, one) = (json["clients"], json["proxies"]?["a"])
        #expect(all?["127.0.0.1"]?["peak"] == .number("1") && one?["peak"] == .number("1"))
        #expect(one?["clients"]?["127.0.0.1"]?["peak"] == .number("1"))
    }

    @Test func `an event shows the hundred busiest of very many clients`() throws {
        let harness = try ControlHarness()
        try harness.create("a")
        let proxy = try harness.registry.find("a").proxy
        for number in 0..<200 {
            proxy.begin(number == 150 ? 2 : 1, from: try address("127.0.1.\(number)"))
        }
        let all = try JSONValue(text: harness.send("GET /concurrency").body)
        let some = ConcurrencyCoding.json(
            harness.registry, harness.environment, maximumClients: 100)
        for (json, count) in [(all, 200), (some, 100)] {
            for clients in [json["clients"], json["proxies"]?["a"]?["clients"]] {
                guard case .object(let members) = clients else {
                    Issue.record("\(json)")
                    return
                }
                #expect(members.count == count)
                #expect(members.contains { $0.name == "127.0.1.150" })
            }
        }
    }

    @Test(arguments: ["GET /concurrency/reset", "POST /concurrency", "PUT /concurrency/reset"])
    func `a wrong method is refused`(_ line: String) throws {
        #expect(try ControlHarness().send(line).status == 405)
        #expect(try ControlHarness().send("POST /concurrency/x").status == 404)
    }
}
