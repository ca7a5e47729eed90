import ChaosProxy
import EventLoop
import Testing

@testable import ControlAPI

@Suite struct ConcurrencyRouteTests {
    private func address(_ host: String) throws -> SocketAddress {
        try #require(SocketAddress(host: host, port: 4711))
    }

    @Test func `without proxies there is nothing under way`() throws {
        let answer = try ControlHarness().send("GET /concurrency")
        #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
        #expect(answer.body == #"{"proxies":{},"clients":{}}"#)
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
                + #""peak":4,"connections":0}}},"b":{"in_flight":4,"peak":5,"limit":5,"#
                + #""limit_per_client":null,"#
                + #""over_limit":"429","rate":2.5,\#(limits)6,\#(rest)null,"clients":{"#
                + #""127.0.0.1":{"in_flight":2,"peak":3,"connections":0},"#
                + #""::1":{"in_flight":2,"peak":2,"connections":0}}}},"clients":{"#
                + #""127.0.0.1":{"in_flight":6,"peak":6,"connections":0},"#
                + #""::1":{"in_flight":2,"peak":2,"connections":0}}}"#)
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
