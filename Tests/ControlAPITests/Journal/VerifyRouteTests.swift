import ChaosProxy
import EventLoop
import Faults
import Records
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct VerifyRouteTests {
    /// Seven records of `a`, of which two were refused; one that came through another proxy.
    private func filled(capacity: Int = 100) throws -> ControlHarness {
        let harness = try ControlHarness(journal: Journal(capacity: capacity))
        try harness.create("a", #","protocol":"http""#)
        let journal = try #require(harness.journal)
        for sequence in 1...7 {
            var record = SampleRecords.served(UInt64(sequence), proxy: "a")
            if sequence > 5 { (record.status, record.refusal) = (503, .maxConcurrency) }
            journal.append(record)
        }
        var record = SampleRecords.served(8, proxy: "a")
        (record.via, record.isCountedElsewhere) = ("chaos", true)
        journal.append(record)
        return harness
    }

    private func verdict(
        _ harness: ControlHarness, _ body: String
    ) throws -> (status: Int, json: JSONValue) {
        let answer = try harness.send("POST /verify", body)
        #expect(answer["Content-Type"] == "application/json")
        return (answer.status, try JSONValue(text: answer.body))
    }

    @Test(arguments: [
        (#"{"count":7}"#, "7"), (#"{"proxy":"a","count":{"min":7,"max":7}}"#, "7"),
        (#"{"count":{"max":7},"peak_concurrency":{"max":0}}"#, "7"),
        (#"{"count":{"min":1}}"#, "7"), (#"{"status":200,"count":5}"#, "5"),
        (#"{"status":"5xx","count":2}"#, "2"), (#"{"status":[200,"503"],"count":7}"#, "7"),
        (#"{"status":["none"],"count":0}"#, "0"), (#"{"refused":true,"count":2}"#, "2"),
        (#"{"refused":false,"count":5}"#, "5"), (#"{"refused":"rate","count":0}"#, "0"),
        (#"{"path":"/flags/*","method":"GET","client":"127.0.0.0/8","count":7}"#, "7"),
        (#"{"attempt":2,"count":0}"#, "0"), (#"{"end":"keep","count":7}"#, "7"),
        (#"{"fault":"*","count":0}"#, "0"), (#"{"acted":true,"count":0}"#, "0"),
        (#"{"acted":false,"count":7}"#, "7"), (#"{"acted":"false","count":7}"#, "7"),
        (#"{"since":5,"count":2}"#, "2"),
        (#"{"since":"5","count":2}"#, "2"), (#"{"since":"2026-11-21T00:00:04Z","count":3}"#, "3"),
        (#"{"peak_concurrency":0,"proxy":null}"#, "7"),
        (#"{"q":"proxy:a -status:5xx","count":5}"#, "5"),
        (#"{"q":"proxy:a status>=500 duration<1s","refused":true,"count":2}"#, "2"),
        (#"{"q":"","count":7}"#, "7"), (#"{"q":"proxy:a","peak_connections":0}"#, "7"),
        (#"{"peak_connections":{"min":0,"max":null}}"#, "7"),
    ])
    func `what was as expected is verified`(_ body: String, _ count: String) throws {
        let (status, json) = try verdict(filled(), body)
        #expect(status == 200, "\(json)")
        #expect(json["verified"] == .bool(true) && json["count"] == .number(count))
        #expect(json["peak_concurrency"] == .number("0") && json["problems"] == nil)
        #expect(json["forgotten"] == .number("0"))
    }

    @Test(arguments: [
        (#"{"count":5}"#, "count is 7, but 5 was expected"),
        (#"{"count":{"min":8}}"#, "count is 7, but at least 8 was expected"),
        (#"{"count":{"max":5}}"#, "count is 7, but at most 5 was expected"),
        (#"{"count":{"min":8,"max":9}}"#, "count is 7, but at least 8 was expected"),
        (#"{"peak_concurrency":{"min":1}}"#, "peak_concurrency is 0, but at least 1 was expected"),
        (#"{"peak_connections":2}"#, "peak_connections is 0, but 2 was expected"),
    ])
    func `what was otherwise is told, with the last records`(
        _ body: String, _ problem: String
    ) throws {
        let (status, json) = try verdict(filled(), body)
        #expect(status == 409 && json["verified"] == .bool(false))
        #expect(json["problems"] == .array([.string(problem)]))
        #expect(json["count"] == .number("7"))
        let shown = try (0..<5).map { try #require(json["records"]?[$0]?["seq"]) }
        #expect(shown == (3...7).map { .number("\($0)") } && json["records"]?[5] == nil)
    }

    @Test func `all problems are told at once`() throws {
        let (_, json) = try verdict(filled(), #"{"count":1,"peak_concurrency":{"min":3}}"#)
        #expect(json["problems"]?[1] != nil && json["problems"]?[2] == nil)
    }

    @Test func `peaks are of the proxy, or the highest of all`() throws {
        let harness = try filled()
        let site = try harness.addSite("site")
        site.proxy.note(peak: 9, connections: 12)
        harness.registry["a"]?.proxy.note(peak: 4, connections: 20)
        for (body, status) in [
            (#"{"proxy":"a","peak_concurrency":4,"peak_connections":20}"#, 200),
            (#"{"proxy":"site","peak_concurrency":{"max":9},"peak_connections":12}"#, 200),
            (#"{"peak_concurrency":9,"peak_connections":20}"#, 200),
            (#"{"peak_concurrency":{"max":8}}"#, 409),
        ] {
            #expect(try harness.send("POST /verify", body).status == status, "\(body)")
        }
    }

    @Test func `a reset begins a new count`() throws {
        let harness = try filled()
        #expect(try harness.send("POST /reset").status == 204)
        #expect(try verdict(harness, #"{"count":0}"#).status == 200)
        harness.journal?.append(served: 3, proxy: "a")
        #expect(try verdict(harness, #"{"count":3}"#).status == 200)
        #expect(try verdict(harness, #"{"count":10,"since":0}"#).status == 200)
        #expect(try harness.send("GET /journal").body.split(separator: "\n").count == 11)
    }

    @Test func `what was forgotten is a problem where it could matter`() throws {
        for (body, isCertain) in [
            (#"{"end":"keep","count":{"min":4}}"#, true),
            (#"{"end":"keep","count":{"min":5}}"#, false),
            (#"{"method":"GET","count":{"max":8}}"#, true),
            (#"{"path":"/*","count":{"max":7}}"#, false),
            (#"{"refused":false,"count":{"max":4}}"#, false),
            (#"{"acted":false,"count":{"min":4,"max":8}}"#, true),
            (#"{"since":4,"count":4}"#, true), (#"{"since":3,"count":4}"#, false),
            (#"{"since":"2026-11-21T00:00:03Z","count":{"max":5}}"#, true),
            (#"{"since":"2026-11-21T00:00:03Z","count":{"max":4}}"#, false),
            (#"{"peak_concurrency":{"max":0}}"#, true),
        ] {
            let harness = try ControlHarness(journal: Journal(capacity: 4))
            harness.journal?.append(served: 8)
            let (status, json) = try verdict(harness, body)
            #expect(status == (isCertain ? 200 : 409), "\(body): \(json)")
            if !isCertain {
                let text = JSONWriter.text(try #require(json["problems"]))
                #expect(text.contains("the journal holds the last 4 records: "), "\(text)")
            }
        }
    }

    @Test func `a count that is too high already is no question of memory`() throws {
        let harness = try ControlHarness(journal: Journal(capacity: 4))
        harness.journal?.append(served: 8)
        let (status, json) = try verdict(harness, #"{"end":"keep","count":{"max":3}}"#)
        #expect(status == 409)
        #expect(
            json["problems"] == .array([.string("count is 4, but at most 3 was expected")]))
    }

    @Test(arguments: [
        ("", "EOF"), ("{", "unexpected EOF"), ("[]", "the body must be an object"),
        ("null", "the body must be an object"), (#"{"count":1} x"#, "after top-level value"),
        ("{}", "nothing is expected"), (#"{"proxy":"a"}"#, "nothing is expected"),
        (#"{"count":null}"#, "nothing is expected"),
        (#"{"cout":1}"#, "unknown key 'cout'. Did you mean 'count'?"),
        (#"{"peak":1}"#, "unknown key 'peak'."), (#"{"Count":1}"#, "Did you mean 'count'?"),
        (#"{"count":1,"count":2}"#, "'count' is given twice"),
        (#"{"count":"5"}"#, "count must be a number or {\"min\":1,\"max\":5}, but it is text"),
        (#"{"count":true}"#, "count must be a number"), (#"{"count":[1]}"#, "but it is a list"),
        (#"{"count":1.5}"#, "count: 1.5 is no whole number from 0"),
        (#"{"count":-1}"#, "count: -1 is no whole number from 0"),
        (#"{"count":{}}"#, "count has neither min nor max"),
        (#"{"count":{"min":null}}"#, "count has neither min nor max"),
        (#"{"count":{"min":3,"max":2}}"#, "count: min 3 is more than max 2"),
        (#"{"count":{"minn":3}}"#, "unknown key 'minn' in count. Did you mean 'min'?"),
        (#"{"count":{"min":1,"min":2}}"#, "count has 'min' twice"),
        (#"{"count":{"max":"x"}}"#, "count.max must be a number, but it is text"),
        (#"{"peak_concurrency":{"max":-3}}"#, "peak_concurrency.max: -3 is no whole number"),
        (#"{"count":1,"proxy":5}"#, "proxy must be text, but it is 5"),
        (#"{"count":1,"proxy":"b"}"#, "there is no proxy 'b'. Did you mean 'a'?"),
        (#"{"count":1,"path":["/"]}"#, "path must be text, but it is a list"),
        (#"{"count":1,"method":{}}"#, "method must be text, but it is an object"),
        (#"{"count":1,"method":""}"#, "method is empty"),
        (#"{"count":1,"client":"x"}"#, "client: 'x' is no address"),
        (#"{"count":1,"status":99}"#, "status: '99' is no status"),
        (#"{"count":1,"status":[]}"#, "status: the list is empty"),
        (#"{"count":1,"status":[true]}"#, "status must be a number"),
        (#"{"count":1,"status":{}}"#, "status must be a number"),
        (#"{"count":1,"fault":"respnd"}"#, "Did you mean 'respond'?"),
        (#"{"count":1,"fault":1}"#, "fault must be text, but it is 1"),
        (#"{"count":1,"acted":1}"#, "acted must be true or false, but it is 1"),
        (#"{"count":1,"acted":"yes"}"#, "acted: 'yes' is none of true, false"),
        (#"{"count":1,"refused":1}"#, "refused must be true, false or a reason, but it is 1"),
        (#"{"count":1,"refused":"full"}"#, "refused: 'full' is none of"),
        (#"{"count":1,"attempt":"1"}"#, "attempt must be a number, but it is text"),
        (#"{"count":1,"attempt":0}"#, "attempt: '0' is no whole number from 1"),
        (#"{"count":1,"end":"keeps"}"#, "Did you mean 'keep'?"),
        (#"{"count":1,"end":false}"#, "end must be text, but it is false"),
        (#"{"count":1,"since":true}"#, "since must be a sequence number or a time"),
        (#"{"count":1,"since":"soon"}"#, "since: 'soon' is neither"),
    ])
    func `what cannot be verified is a sentence`(_ body: String, _ words: String) throws {
        let (status, json) = try verdict(filled(), body)
        #expect(status == 400)
        guard case .string(let text) = json["error"] else {
            Issue.record("\(json)")
            return
        }
        #expect(text.contains(words), "\(text)")
    }

    @Test func `members without a value say nothing, however many they are`() throws {
        let harness = try filled()
        let nothing = (1...50_000).map { "\"x\($0)\":null" }.joined(separator: ",")
        for (last, words) in [
            ("", "nothing is expected"), (#","x1":null"#, "'x1' is given twice"),
            (#","x50000":1"#, "'x50000' is given twice"),
        ] {
            let (status, json) = try verdict(harness, "{\(nothing)\(last)}")
            #expect(status == 400 && JSONWriter.text(json).contains(words), "\(last)")
        }
        #expect(try verdict(harness, "{\(nothing),\"count\":7}").status == 200)
    }

    @Test func `a proxy that was deleted has records and peaks`() throws {
        let harness = try filled()
        harness.registry["a"]?.proxy.note(peak: 4, connections: 20)
        #expect(try harness.send("DELETE /proxies/a").status == 204)
        let (status, json) = try verdict(
            harness, #"{"proxy":"a","count":7,"peak_concurrency":4,"peak_connections":20}"#)
        #expect(status == 200, "\(json)")
    }

    @Test func `what is counted at a proxy of ours is named`() throws {
        let (_, json) = try verdict(filled(), #"{"proxy":"a","status":200,"count":5}"#)
        #expect(json["via"] == .number("1"))
        let (_, none) = try verdict(filled(), #"{"proxy":"a","refused":true,"count":2}"#)
        #expect(none["via"] == .number("0"))
    }

    @Test(arguments: [
        (#"{"count":9}"#, 200), (#"{"proxy":"a","count":6}"#, 200),
        (#"{"status":200,"count":7}"#, 200),
        (#"{"status":["5xx","none"],"count":2}"#, 200),
        (#"{"proxy":"b","status":200,"count":3}"#, 200),
        (#"{"fault":"*","count":3}"#, 200), (#"{"fault":"latency","count":2}"#, 200),
        (#"{"fault":"slow","proxy":"a","count":2}"#, 200),
        (#"{"fault":"bandwidth","count":0}"#, 200),
        (#"{"count":8}"#, 409), (#"{"fault":"slow","status":200,"count":2}"#, 409),
    ])
    func `the counters know what the ring has forgotten`(_ body: String, _ status: Int) throws {
        let harness = try ControlHarness(journal: Journal(capacity: 2))
        let slow = [SampleRecords.latency(1), SampleRecords.latency(2, name: "slower")]
        for name in ["a", "b"] { try harness.create(name, #","protocol":"http""#) }
        for (index, name) in ["a", "a", "a", "a", "a", "a", "b", "b", "b"].enumerated() {
            var record = SampleRecords.served(UInt64(index + 1), proxy: name)
            if index < 2 { record.faults = slow }
            if index == 2 {
                (record.status, record.faults) = (503, [SampleRecords.respond(503, draw: 0)])
            }
            if index == 3 { record.status = nil }
            harness.registry[name]?.proxy.record(record)
            harness.journal?.append(record)
        }
        let (found, json) = try verdict(harness, body)
        #expect(found == status, "\(json)")
        #expect((json["forgotten"] == .number("7")) == body.contains("slow\",\"status"))
    }
}
