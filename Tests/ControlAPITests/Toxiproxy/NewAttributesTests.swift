import ChaosProxy
import Faults
import TestSupport
import Testing

@testable import ControlAPI

/// What Toxiproxy's faults have beyond Toxiproxy's: shown where it is set, and never in the way of
/// a client that wants `attributes` to be numbers.
@Suite struct NewAttributesTests {
    private func harness() throws -> ControlHarness {
        let harness = try ControlHarness()
        try harness.create("p", #","protocol":"http""#)
        return harness
    }

    private static let latency =
        #"{"attributes":{"latency":200,"jitter":50,"per_in_flight":10},"#
        + #""name":"t","type":"latency","stream":"downstream","toxicity":1,"#
        + #""distribution":"lognormal"}"#
    private static let respond =
        #"{"attributes":{"429":1,"retry_after":1000},"name":"t","type":"respond","#
        + #""stream":"upstream","toxicity":1,"headers":{"X-RateLimit-Remaining":"0","#
        + #""Set-Cookie":["a=1","b=2"]},"body":"slow down\n"}"#
    private static let absent =
        #"{"attributes":{},"name":"t","type":"noop","stream":"downstream","toxicity":1,"#
        + #""match":{"header":"!x-test"}}"#

    @Test(arguments: [
        (latency, latency),
        (
            #"{"type":"latency","name":"t","latency":"200ms","jitter":"50ms","#
                + #""per_in_flight":"10ms","distribution":"LogNormal"}"#, latency
        ),
        (
            #"{"type":"latency","name":"t","attributes":{"latency":200,"jitter":50,"#
                + #""per_in_flight":10,"distribution":"lognormal"}}"#, latency
        ),
        (respond, respond),
        (
            #"{"type":"respond","name":"t","status":429,"headers":["X-RateLimit-Remaining: 0","#
                + #""Set-Cookie: a=1","set-cookie:b=2"],"body":"slow down\n"}"#, respond
        ),
        (
            #"{"type":"noop","name":"t","match":{"header":{"X-Test":null}}}"#, absent
        ),
        (
            #"{"attributes":{"rate":64,"shared":1},"name":"t","type":"bandwidth"}"#,
            #"{"attributes":{"rate":64,"shared":1},"name":"t","type":"bandwidth","#
                + #""stream":"downstream","toxicity":1}"#
        ),
    ])
    func `what is given is shown, and what is shown can be given`(
        given: String, shown: String
    ) throws {
        let harness = try harness()
        #expect(try harness.send("POST /proxies/p/toxics", given).body == shown)
        #expect(try harness.send("GET /proxies/p/toxics/t").body == shown)
        #expect(try harness.send("PATCH /proxies/p/toxics/t", shown).body == shown)
        #expect(try harness.send("PATCH /proxies/p/toxics/t", "{}").body == shown)
        #expect(try harness.send("DELETE /proxies/p/toxics/t").status == 204)
        #expect(try harness.send("POST /proxies/p/toxics", shown).body == shown)
    }

    @Test func `nothing new is shown where nothing new is set`() throws {
        let harness = try harness()
        let plain = [
            #"{"type":"latency","name":"t","distribution":"uniform","per_in_flight":"0"}"#:
                #"{"latency":0,"jitter":0},"name":"t","type":"latency","stream":"downstream","#
                + #""toxicity":1}"#,
            #"{"type":"bandwidth","name":"t","attributes":{"shared":0}}"#:
                #"{"rate":0},"name":"t","type":"bandwidth","stream":"downstream","toxicity":1}"#,
            #"{"type":"respond","name":"t","headers":{},"body":null}"#:
                #"{"418":1,"503":1,"retry_after":1000},"name":"t","type":"respond","#
                + #""stream":"upstream","toxicity":1}"#,
        ]
        for (given, shown) in plain {
            let answer = try harness.send("POST /proxies/p/toxics", given)
            #expect(answer.body == "{\"attributes\":" + shown)
            #expect(try harness.send("DELETE /proxies/p/toxics/t").status == 204)
        }
    }

    @Test func `an update takes them back`() throws {
        let harness = try harness()
        #expect(try harness.send("POST /proxies/p/toxics", Self.respond).status == 200)
        let headers = try harness.send("PATCH /proxies/p/toxics/t", #"{"body":null}"#).body
        #expect(headers.contains("\"headers\"") && !headers.contains("\"body\""))
        let plain = try harness.send("PATCH /proxies/p/toxics/t", #"{"headers":{}}"#).body
        #expect(plain.hasSuffix(#""stream":"upstream","toxicity":1}"#))
        let body = try harness.send("PATCH /proxies/p/toxics/t", #"{"body":""}"#).body
        #expect(body.hasSuffix(#""body":""}"#))
    }

    @Test func `a time that is no whole number of milliseconds is kept`() throws {
        let harness = try harness()
        let answer = try harness.send(
            "POST /proxies/p/toxics", #"{"type":"latency","name":"t","per_in_flight":"1500us"}"#)
        #expect(answer.body.contains(#""per_in_flight":2}"#))
        #expect(answer.body.contains(#""exact":{"per_in_flight":"1500us"}"#))
        #expect(try harness.send("PATCH /proxies/p/toxics/t", answer.body).body == answer.body)
    }

    @Test(arguments: [
        (
            #"{"type":"latency","distribution":"bell"}"#,
            "invalid distribution 'bell' is none of uniform, normal, lognormal and pareto."
        ),
        (
            #"{"type":"latency","jitter":"1ms","distribution":"pareto"}"#,
            "invalid attribute: distribution pareto spreads the delays around latency, which is 0. "
                + "Give it too."
        ),
        (
            #"{"type":"respond","headers":{"Content-Length":"5"}}"#,
            "invalid headers: Content-Length is the server's to say, as it frames the answer. "
                + "Leave it out."
        ),
        (
            #"{"type":"respond","headers":{"X-A":"a\r\nb"}}"#,
            "invalid headers: the value of X-A has a line break or another control character."
        ),
        (
            #"{"type":"respond","headers":{"X-A":null}}"#,
            "bad request body: json: cannot unmarshal null into Go struct field ToxicWrapper.X-A "
                + "of type string"
        ),
        (
            #"{"type":"respond","body":5}"#,
            "bad request body: json: cannot unmarshal number into Go struct field "
                + "ToxicWrapper.body of type string"
        ),
    ])
    func `what cannot be is refused in words`(given: String, words: String) throws {
        let harness = try harness()
        let answer = try harness.send("POST /proxies/p/toxics", given)
        #expect(answer.status == 400)
        #expect(answer.body == "{\"error\":\(JSONWriter.text(.string(words))),\"status\":400}\n")
    }

    @Test func `a body may have 64 KiB, however it is written`() throws {
        let harness = try harness()
        let escaped = String(repeating: #"\u0041"#, count: 65_536)
        let body = "{\"type\":\"respond\",\"name\":\"t\",\"body\":\"\(escaped)\"}"
        #expect(try harness.send("POST /proxies/p/toxics", body).status == 200)
        #expect(try harness.send("GET /proxies").status == 200)
    }
}
